/// Reports each response to a closure, for a metrics library.
public struct RequestMetrics: RequestFilter, RefusalFilter {
    /// What was sent in response to a request, and how long it took.
    public struct Measurement: Sendable {
        /// The request's method.
        public let method: Method
        /// The pattern of the route, or nil if there was none. Unlike the path, it has few different values.
        public let routePattern: String?
        /// The status that was sent, which may differ from the handler's; 499 if there was none because the client
        /// disconnected, 444 if the server closed the connection because it stopped.
        public let status: Status
        /// Number of bytes of the content that was sent, without chunk framing. Nil if the connection responded in
        /// place of the handler.
        public let bodyByteCount: Int?
        /// The time from this middleware to the end of the response: it includes the middlewares inside, the handler
        /// and the production of a streamed body, but not the time until the client has received everything.
        public let duration: Duration
    }

    private let reporter: Reporter

    /// Creates the middleware.
    ///
    /// - Parameter report: called after each response, on the handler's thread. It must not block, since for inline and
    ///   async handlers that is the reactor's thread.
    public init(_ report: @escaping @Sendable (Measurement) -> Void) { reporter = Reporter(report) }

    /// Has the request reported when its response was written.
    public func before(_ request: borrowing Request, context: inout RequestContext) -> Response? {
        context.observe(reporter)
        return nil
    }

    /// Reports a request that gets 503 instead of a call of its handler.
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
                    method: request.method, routePattern: context.routePattern, status: Status(known: sent.status),
                    bodyByteCount: sent.bodyByteCount, duration: .nanoseconds(context.clock.nanoseconds - start)))
        }
    }
}
