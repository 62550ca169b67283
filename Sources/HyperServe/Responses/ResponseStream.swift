/// A body that is written while it is sent.
public final class ResponseStream: Sendable {
    enum Producer: Sendable {
        case blocking(@Sendable (BlockingResponseWriter) throws -> Void)
        case async(@Sendable (ResponseWriter) async throws -> Void)
    }

    /// The declared number of bytes that `producer` writes, if there is one. Never negative.
    let declaredByteCount: Int?
    /// False if a negative length was declared: the response becomes a 500.
    let isLengthValid: Bool
    let trailerNames: [String]
    let producer: Producer
    /// Creates the content coding of the body; nil for none.
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

    /// Whether a thread that may block produces the body.
    var isBlocking: Bool { if case .blocking = producer { true } else { false } }

    /// Number of bytes to send; nil if it is known only at the end.
    var contentLength: Int? { makeCoding == nil ? declaredByteCount : nil }

    /// Returns the same stream with a content coding.
    func coded(_ makeCoding: @escaping @Sendable () -> any BodyCoding) -> ResponseStream {
        ResponseStream(
            contentLength: isLengthValid ? declaredByteCount : -1, trailerNames: trailerNames, producer: producer,
            makeCoding: makeCoding)
    }
}

extension Response {
    /// Creates a response whose body is written while it is sent, for a handler of any kind. `produce` runs as a task
    /// on the connection's reactor, where it must not block; `write` suspends it while the client reads too slowly. The
    /// thread of a blocking handler is free meanwhile.
    ///
    /// With `contentLength`, exactly that many bytes must be written; a negative value becomes a 500. Without it, the
    /// body is sent in chunked coding or, to an HTTP/1.0 client, until the connection closes. For HEAD, the head is
    /// sent and `produce` is not called.
    ///
    /// If `produce` throws, the connection is closed in the middle of the body, so that the client notices.
    ///
    /// A client that sends FIN still gets all of the body, unless `contentType`, or a Content-Type in `headers`, is
    /// `text/event-stream`: such a stream ends when its client does, so FIN means that the client has left. The task is
    /// cancelled then, and `write` throws `StreamError.disconnected`.
    ///
    /// When the server closes, which is `drainDelay` after it was asked to stop, the task of `produce` is cancelled:
    /// `Task.isCancelled` is true, and `Task.sleep` throws, so that a stream of events ends at once. But writing, and
    /// reading the request's body, go on as long as the client is there, at most for `shutdownTimeout`, so that a
    /// download that awaits nothing else is finished. A body ends properly when `produce` returns. If it throws, also
    /// the `CancellationError` of a `Task.sleep`, the response is incomplete: the connection is closed, and the log has
    /// a line. A stream other than of events ends early but properly if `produce` catches that error, writes what
    /// completes the body, and returns. Only a stream of events may end with a `CancellationError` then: its body ends
    /// properly, and nothing is logged.
    ///
    /// - Parameter trailers: the names of the trailer fields, which are sent in the Trailer field and whose values are
    ///   set through `writer.trailers`. Only a chunked body has trailers; otherwise they are left out.
    public static func stream(
        status: Status = .ok, contentType: MediaType = .octetStream, headers: HeaderFields = .init(),
        contentLength: Int? = nil, trailers: [String] = [],
        _ produce: @escaping @Sendable (_ writer: ResponseWriter) async throws -> Void
    ) -> Response {
        let stream = ResponseStream(contentLength: contentLength, trailerNames: trailers, producer: .async(produce))
        return Response(status: status, contentType: contentType, headers: headers, body: .stream(stream))
    }

    /// Creates a response whose body is written by a thread that may block, for a route that is `.blocking`. `produce`
    /// runs on the handler's thread; `write` blocks it while the client reads too slowly. `writer.isCancelled` tells it
    /// when the server closes. Everything else is as in
    /// `stream(status:contentType:headers:contentLength:trailers:_:)`.
    ///
    /// On a route that is not `.blocking` there is no such thread, and none for a `RefusalFilter` on any route: the
    /// response becomes a 500, and the log says why.
    public static func blockingStream(
        status: Status = .ok, contentType: MediaType = .octetStream, headers: HeaderFields = .init(),
        contentLength: Int? = nil, trailers: [String] = [],
        _ produce: @escaping @Sendable (_ writer: BlockingResponseWriter) throws -> Void
    ) -> Response {
        let stream = ResponseStream(
            contentLength: contentLength, trailerNames: trailers, producer: .blocking(produce))
        return Response(status: status, contentType: contentType, headers: headers, body: .stream(stream))
    }
}
