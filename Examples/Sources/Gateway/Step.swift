import HyperServe

/// Something that is done for many routes: before their handlers, behind them, or instead of them.
typealias Step = @Sendable (_ request: borrowing Request, _ next: Handler) throws -> Response

/// A handler behind some steps, of which the first is the outermost.
func behind(_ steps: [Step], _ handler: @escaping Handler) -> Handler {
    steps.reversed().reduce(handler) { next, step in { request in try step(request, next) } }
}
