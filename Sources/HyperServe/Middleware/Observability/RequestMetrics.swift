/// Reports each request that was answered to whatever counts them.
public struct RequestMetrics: Middleware {
    /// What was answered, and how long it took.
    public struct Measurement: Sendable {
        /// The request's method.
        public let method: Method
        /// The pattern of the route, or nil if there was none: of few values, unlike the path.
        public let routePattern: String?
        /// The status that was sent, which need not be the handler's; 499 if the client left before it was sent any.
        public let status: Status
        /// Bytes of the content that was sent, without chunk framing. Nil if the connection responded in place of the
        /// handler.
        public let bodyByteCount: Int?
        /// From this middleware to the end of the response: the middlewares within, the handler and the production of a
        /// streamed body. Not the time until the client has it all.
        public let duration: Duration
    }

    private let reporter: Reporter

    /// Creates the middleware.
    ///
    /// - Parameter report: called after each request, on the handler's thread, which for inline and async handlers is
    ///   the reactor's: it must not block.
    public init(_ report: @escaping @Sendable (Measurement) -> Void) { reporter = Reporter(report) }

    /// Has requests to inline and blocking handlers reported when their responses were written.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        context.observe(reporter)
        return try next(request, &context)
    }

    /// The same for async handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        context.observe(reporter)
        return try await next(request, &context)
    }

    /// Has a request reported that gets a 503.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        context.observe(reporter)
    }

    private final class Reporter: ResponseObserver {
        private let report: @Sendable (Measurement) -> Void

        init(_ report: @escaping @Sendable (Measurement) -> Void) { self.report = report }

        func observe(
            _ sent: SentResponse, to request: borrowing Request, _ context: borrowing RequestContext,
            since start: Int64
        ) {
            report(
                Measurement(
                    method: request.method, routePattern: context.routePattern, status: Status(sent.status),
                    bodyByteCount: sent.bodyByteCount, duration: .nanoseconds(context.clock.nanoseconds - start)))
        }
    }
}
