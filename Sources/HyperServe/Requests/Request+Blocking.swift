extension Request {
    /// Runs a closure that may block on a thread of the server's pool, and returns its result: for async handlers and
    /// async middleware. The caller continues where it was, a handler on its reactor.
    ///
    /// ```swift
    /// router.get("/reports/{id}") { request async throws in
    ///     let id = try request.parameter("id", as: Int.self)
    ///     return .text(try await request.runBlocking { try loadReport(id) })
    /// }
    /// ```
    ///
    /// The pool is that of blocking handlers, with the same limits. It is started by the first call if no route is
    /// `.blocking`. If the task is cancelled before the closure has begun, the closure is not called; once it has
    /// begun, it runs to its end. The request can't be used in it.
    ///
    /// The task resumes on a thread of the Swift runtime, from which it returns to the reactor: two switches between
    /// threads, besides those to the pool and back.
    ///
    /// - Throws: what the closure throws; `CancellationError`; `BlockingError` if it was not called, which becomes 503
    ///   with Retry-After if the handler throws it; `ServerError.noThread` if the pool can't be started.
    public func runBlocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await blockingPool.run(body)
    }
}
