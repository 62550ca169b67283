import Platform
public import Reactor

// Serving until a signal.
extension Server {
    /// Starts the server, serves until SIGINT, SIGTERM, `stop()`, the failure of a reactor or the end of a service, and
    /// stops it as `stop()` does. Returns once everything is closed.
    ///
    /// `whenReady` is called once the server accepts connections. From before the start until this returns, the two
    /// signals stop the server instead of ending the process. A second signal closes all connections at once, without
    /// `drainDelay` and `shutdownTimeout`. Several servers of a process may run at the same time: a signal stops all of
    /// them.
    ///
    /// Returns without having served if the server was stopped before. Throws what `start()` throws, `reactorFailed` if
    /// a reactor failed while the server served, and `serviceFailed` or `serviceEnded` if a service ended.
    ///
    /// It blocks its thread. If that is the main thread, the main actor makes no progress meanwhile, and a handler that
    /// awaits it waits in vain: `try await server.run()` has no such effect.
    // Swift prefers it at the top level of a main.swift even after `try await`, where it must not be called silently.
    @available(
        *, noasync,
        message: "in async code, write: try await server.run(); in a main.swift, only inside an async function"
    )
    public func run(whenReady: () -> Void = {}) throws(ServerError) {
        let ending = EndingSignals()
        defer { extendLifetime(ending) }
        let signals = ending.counter
        guard try startToRun(signals) else { return }
        whenReady()
        try serveToEnd(signals)
    }
}

// In async code.
extension Server {
    /// Starts the server as the blocking form does, but suspends the task until all of its threads accept connections.
    /// If the task is cancelled meanwhile, the server is stopped, and this throws `stopped`.
    public func start() async throws(ServerError) {
        try await onThread(named: "hs-start") { () throws(ServerError) in try self.start { 0 } }
    }

    /// Starts the server, serves until SIGINT, SIGTERM, `stop()`, the cancellation of the task, the failure of a
    /// reactor or the end of a service, and stops it as `stop()` does. Returns once everything is closed.
    ///
    /// ```swift
    /// let server = try Server(router: router)
    /// try await server.run()
    /// ```
    ///
    /// The task is suspended while the server serves: neither a thread of the Swift runtime nor the main thread is
    /// held, so handlers may await the main actor. A thread of the server's waits for the signals. Everything else is
    /// as in the blocking form. `whenReady` runs where this was called.
    // Its parameters are those of the blocking form: only then does Swift prefer it in async code.
    public func run(whenReady: () -> Void = {}) async throws(ServerError) {
        let ending = EndingSignals()
        // A thread may hold what it captures for a moment longer than this runs.
        defer { extendLifetime(ending) }
        let signals = ending.counter
        guard try await onThread(named: "hs-run", { () throws(ServerError) in try self.startToRun(signals) }) else {
            return
        }
        // Not in a closure of this function, which would not run where this was called.
        whenReady()
        do throws(ServerError) {
            try await onThread(named: "hs-run") { () throws(ServerError) in try self.serveToEnd(signals) }
        } catch {
            // Only without a thread does it end before the server: nobody would wait for the signals.
            if phase < .stopped { await stop() }
            throw error
        }
    }

    /// Calls `body` on a thread of its own, while the calling task is suspended. Cancelling the task stops the server.
    private func onThread<Value: Sendable>(
        named name: String, _ body: @escaping @Sendable () throws(ServerError) -> Value
    ) async throws(ServerError) -> Value {
        let closing = closing
        let result: Result<Value, ServerError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SystemError) {
                    _ = try Thread(named: name) { continuation.resume(returning: Result(catching: body)) }
                } catch {
                    continuation.resume(returning: .failure(.noThread(error)))
                }
            }
        } onCancel: {
            closing.begin()
        }
        return try result.get()
    }
}

extension Server {
    /// Starts the server. Returns false if it was stopped before it served, as requested.
    private func startToRun(_ signals: EndingSignals.Counter) throws(ServerError) -> Bool {
        do throws(ServerError) {
            try start { signals.count }
            return true
        } catch {
            // A server that has served can't run again.
            if error == .stopped, !lifecycle.hasServed { return false }
            throw error
        }
    }

    /// Blocks until the server has stopped.
    private func serveToEnd(_ signals: EndingSignals.Counter) throws(ServerError) {
        lifecycle.wait(for: .draining) { signals.count > 0 }
        // On another thread: this one waits for a second signal.
        closing.begin()
        lifecycle.wait(for: .stopped) { signals.count > 1 }
        if lifecycle.phase < .stopped {
            closing.hurry()
            lifecycle.wait(for: .stopped)
        }
        if let failure = lifecycle.failure { throw failure }
    }
}
