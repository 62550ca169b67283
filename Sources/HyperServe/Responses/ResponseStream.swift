/// A body that is written while it is sent.
public final class ResponseStream: Sendable {
    enum Producer: Sendable {
        case blocking(@Sendable (BlockingResponseWriter) throws -> Void)
        case async(@Sendable (ResponseWriter) async throws -> Void)
    }

    /// How many bytes are written, if that was declared. Never negative.
    let declaredByteCount: Int?
    /// False if a negative length was declared: the response becomes a 500.
    let isLengthValid: Bool
    let trailerNames: [String]
    let producer: Producer
    /// Makes what the bytes go through before they are framed, if they do.
    let makeCoding: (@Sendable () -> any BodyCoding)?

    init(
        contentLength: Int?, trailerNames: [String], producer: Producer,
        makeCoding: (@Sendable () -> any BodyCoding)? = nil
    ) {
        isLengthValid = contentLength ?? 0 >= 0
        declaredByteCount = isLengthValid ? contentLength : nil
        self.trailerNames = trailerNames
        self.producer = producer
        self.makeCoding = makeCoding
    }

    /// Whether it is produced by a thread that may block.
    var isBlocking: Bool { if case .blocking = producer { true } else { false } }

    /// Bytes that are sent, if that is known before.
    var contentLength: Int? { makeCoding == nil ? declaredByteCount : nil }

    /// The same, with its bytes in another coding.
    func coded(_ makeCoding: @escaping @Sendable () -> any BodyCoding) -> ResponseStream {
        ResponseStream(
            contentLength: isLengthValid ? declaredByteCount : -1, trailerNames: trailerNames, producer: producer,
            makeCoding: makeCoding)
    }
}

extension Response {
    /// An answer whose body is written while it is sent, from an inline or async handler. `produce` runs as a task on
    /// the connection's reactor; `write` suspends it while the client is behind.
    ///
    /// With `contentLength` exactly so many bytes must be written; a negative one becomes a 500. Without it the body is
    /// sent chunked, or, to an HTTP/1.0 client, until the connection closes. For HEAD the head is sent and `produce` is
    /// not called.
    ///
    /// When `produce` throws, the connection is closed in the middle of the body, so that the client notices.
    ///
    /// - Parameter trailers: the names of fields that are set behind the body through `writer.trailers`. Announced in
    ///   the Trailer field. Only a chunked body has trailers; otherwise they are left out.
    public static func stream(
        status: Status = .ok, contentType: MediaType = .octetStream, headers: HeaderFields = .init(),
        contentLength: Int? = nil, trailers: [String] = [],
        _ produce: @escaping @Sendable (_ writer: ResponseWriter) async throws -> Void
    ) -> Response {
        let stream = ResponseStream(contentLength: contentLength, trailerNames: trailers, producer: .async(produce))
        return Response(status: status, contentType: contentType, headers: headers, body: .stream(stream))
    }

    /// An answer whose body is written while it is sent, from a blocking handler. `produce` runs on the handler's
    /// thread; `write` blocks it while the client is behind. All else is as for the async form.
    public static func stream(
        status: Status = .ok, contentType: MediaType = .octetStream, headers: HeaderFields = .init(),
        contentLength: Int? = nil, trailers: [String] = [],
        _ produce: @escaping @Sendable (_ writer: BlockingResponseWriter) throws -> Void
    ) -> Response {
        let stream = ResponseStream(
            contentLength: contentLength, trailerNames: trailers, producer: .blocking(produce))
        return Response(status: status, contentType: contentType, headers: headers, body: .stream(stream))
    }
}
