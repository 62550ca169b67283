import HTTP1
import HTTPCore

extension ResponseEncoder {
    /// What follows the head of a streamed answer.
    struct StreamStart {
        let head: EncodedResponse
        fileprivate let stream: ResponseStream
        /// Nil when nothing follows: the response is complete.
        fileprivate let isChunked: Bool?

        /// Whether a body follows.
        var hasBody: Bool { isChunked != nil }

        /// What produces it, if one follows, for a task.
        var asyncProducer: (@Sendable (ResponseWriter) async throws -> Void)? {
            if hasBody, case .async(let produce) = stream.producer { produce } else { nil }
        }

        /// The same for a thread that may block.
        var blockingProducer: (@Sendable (BlockingResponseWriter) throws -> Void)? {
            if hasBody, case .blocking(let produce) = stream.producer { produce } else { nil }
        }

        /// Frames the body, if one follows. A new one each time.
        var framer: BodyFramer? { isChunked.map { BodyFramer(stream, isChunked: $0) } }
    }

    /// Appends the head of a response whose body is written while it is sent, and chooses its framing, which only the
    /// server can do: Content-Length if the length is known, else chunked, else, in HTTP/1.0, the connection's end
    /// (RFC 9112 section 6.3). A stream that must be produced on another kind of thread becomes a 500.
    func beginStream(
        _ response: Response, _ stream: ResponseStream, isOnPool: Bool, date: borrowing DateField,
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
        var isValid = appendFields(of: response, &output) && stream.isLengthValid && stream.isBlocking == isOnPool
        if isChunked {
            output.appendField("Transfer-Encoding", "chunked")
            isValid = appendTrailerField(stream.trailerNames, &output) && isValid
        }
        guard isValid else {
            return StreamStart(head: replace(from: start, date: date, &output), stream: stream, isChunked: nil)
        }
        output.appendHeadEnd()
        return StreamStart(
            head: EncodedResponse(keepsAlive: goesOn), stream: stream, isChunked: hasBody ? isChunked : nil)
    }

    /// Announces the trailers (RFC 9110 section 6.6.2). Returns whether all of them may be trailers.
    private func appendTrailerField(_ names: [String], _ output: inout ByteBuffer) -> Bool {
        guard !names.isEmpty else { return true }
        guard names.allSatisfy(FieldSyntax.isTrailerName) else { return false }
        return output.appendField(name: "Trailer", value: names.joined(separator: ", "))
    }
}
