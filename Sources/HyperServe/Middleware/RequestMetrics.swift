/// Reports each request that was answered to whatever counts them.
public struct RequestMetrics: Middleware {
    /// What was answered, and how long it took.
    public struct Measurement: Sendable {
        /// The request's method.
        public let method: Method
        /// The pattern of the route, or nil if there was none: of few values, unlike the path.
        public let routePattern: String?
        /// The answer's status.
        public let status: Status
        /// From the first to the last middleware within this one, and the handler. Sending is not in it, nor the
        /// production of a streamed body.
        public let duration: Duration
    }

    private let report: @Sendable (Measurement) -> Void

    /// Creates the middleware.
    ///
    /// - Parameter report: called after each request, on the handler's thread, which for inline and async handlers is
    ///   the reactor's: it must not block.
    public init(_ report: @escaping @Sendable (Measurement) -> Void) { self.report = report }

    /// Measures inline and blocking handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        let start = context.clock.nanoseconds
        let response: Response
        do {
            response = try next(request, &context)
        } catch {
            response = context.response(to: error, for: request)
        }
        finish(request, context, response, since: start)
        return response
    }

    /// Measures async handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        let start = context.clock.nanoseconds
        let response: Response
        do {
            response = try await next(request, &context)
        } catch {
            response = context.response(to: error, for: request)
        }
        finish(request, context, response, since: start)
        return response
    }

    private func finish(
        _ request: borrowing Request, _ context: borrowing RequestContext, _ response: Response,
        since start: Int64
    ) {
        report(
            Measurement(
                method: request.method, routePattern: context.routePattern, status: response.status,
                duration: .nanoseconds(context.clock.nanoseconds - start)))
    }
}
