extension Server {
    /// Runs a closure that may block on a thread of the server's pool, and returns its result, as
    /// `Request.runBlocking(_:)` does: for services, and for other code that has no request at hand. The caller
    /// continues where it was.
    ///
    /// ```swift
    /// let reports = try await server.runBlocking { try loadReports() }
    /// ```
    ///
    /// The pool is there from the beginning of the start, so also for `ServerConfiguration.onStart` and services, until
    /// a stopping server has closed its connections. If the task is cancelled before the closure has begun, the closure
    /// is not called; once it has begun, it runs to its end.
    ///
    /// - Throws: what the closure throws; `CancellationError`; `BlockingError` if it was not called, `.notServing`
    ///   before the start and after the stop; `ServerError.noThread` if the pool can't be started.
    public nonisolated(nonsending) func runBlocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await publisher.blockingPool.run(body)
    }
}
