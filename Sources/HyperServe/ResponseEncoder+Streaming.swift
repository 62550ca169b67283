import HTTP1

extension ResponseEncoder {
    /// What follows the head of a streamed answer.
    struct StreamStart {
        let head: EncodedResponse
        /// Nil when nothing does: the response is complete.
        let framer: BodyFramer?
    }

    /// Appends the head of an answer whose body is written while it is sent, and chooses its framing, which only the
    /// server can do: Content-Length if the length is known, else chunked, else, in HTTP/1.0, the connection's end
    /// (RFC 9112 section 6.3).
    func beginStream(
        _ response: Response, _ stream: ResponseStream, date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> StreamStart {
        let hasNoBody = response.status.hasNoBody
        let isChunked = stream.contentLength == nil && minorVersion > 0 && !hasNoBody
        let hasBody = !hasNoBody && !isHead
        let endsWithClose = stream.contentLength == nil && minorVersion == 0 && hasBody
        // The handler may still read the body while it writes; what it leaves is seen at the end.
        let keepsAlive = mayKeepAlive && (bodyRest == .short || bodyRest == .long && hasBody)
        let goesOn = keepsAlive && !asksToClose(response.headers) && !endsWithClose
        let start = output.count
        appendHead(
            response, contentType: nil, contentLength: contentLength(of: response), keepsAlive: goesOn,
            isComplete: false, date, &output)
        var isValid = appendFields(of: response, &output) && stream.isLengthValid
        if isChunked {
            output.appendField("Transfer-Encoding", "chunked")
            isValid = appendTrailerField(stream.trailerNames, &output) && isValid
        }
        guard isValid else {
            return StreamStart(head: replace(from: start, date: date, &output), framer: nil)
        }
        output.appendHeadEnd()
        return StreamStart(
            head: EncodedResponse(keepsAlive: goesOn),
            framer: hasBody ? BodyFramer(stream, isChunked: isChunked) : nil)
    }

    /// Announces the trailers (RFC 9110 section 6.6.2). Returns whether all of them may be trailers.
    private func appendTrailerField(_ names: [String], _ output: inout ByteBuffer) -> Bool {
        guard !names.isEmpty else { return true }
        guard names.allSatisfy(FieldSyntax.isTrailerName) else { return false }
        return output.appendField(name: "Trailer", value: names.joined(separator: ", "))
    }
}
