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
        do throws(ServerError) {
            try start { signals.count }
        } catch {
            if isStoppedBeforeServing(error) { return }
            throw error
        }
        whenReady()
        try serveToEnd(signals)
    }
}

// In async code.
extension Server {
    /// Starts the server as the blocking form does, but suspends the task until all of its threads accept connections.
    /// If the task is cancelled meanwhile, the server is stopped, and this throws `stopped`; but if the server is
    /// starting or serving already, this only throws `alreadyStarted`.
    public func start() async throws(ServerError) {
        try await start(onThreadNamed: "hs-start") { 0 }
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
        do throws(ServerError) {
            try await start(onThreadNamed: "hs-run") { signals.count }
        } catch {
            if isStoppedBeforeServing(error) { return }
            throw error
        }
        // Not in a closure of this function, which would not run where this was called.
        whenReady()
        do throws(ServerError) {
            try await onThread(named: "hs-run") { () throws(ServerError) in
                try self.serveToEnd(signals)
            } onCancel: { [closing] in
                closing.begin()
            }
        } catch {
            // Only without a thread does it end before the server: nobody would wait for the signals.
            if phase < .stopped { await stop() }
            throw error
        }
    }

    /// Starts the server on a thread of its own, while the calling task is suspended. Cancelling the task stops the
    /// server, if it is this call that starts it.
    private func start(
        onThreadNamed name: String, _ signalCount: @escaping @Sendable () -> UInt32
    ) async throws(ServerError) {
        let task = StartingTask()
        try await onThread(named: name) { () throws(ServerError) in
            defer { task.end() }
            try self.start(signalCount) { if task.begin() { self.closing.begin() } }
        } onCancel: { [closing] in
            if task.cancel() { closing.begin() }
        }
    }

    /// Calls `body` on a thread of its own, while the calling task is suspended, and `onCancel` when that is cancelled.
    private func onThread(
        named name: String, _ body: @escaping @Sendable () throws(ServerError) -> Void, onCancel: @Sendable () -> Void
    ) async throws(ServerError) {
        let result: Result<Void, ServerError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SystemError) {
                    _ = try Thread(named: name) { continuation.resume(returning: Result(catching: body)) }
                } catch {
                    continuation.resume(returning: .failure(.noThread(error)))
                }
            }
        } onCancel: {
            onCancel()
        }
        try result.get()
    }
}

extension Server {
    /// Whether a start failed because the server was stopped before it served, as requested. One that has served can't
    /// run again.
    private func isStoppedBeforeServing(_ error: ServerError) -> Bool { error == .stopped && !lifecycle.hasServed }

    /// Blocks until the server has stopped.
    private func serveToEnd(_ signals: EndingSignals.Counter) throws(ServerError) {
        lifecycle.wait(for: .draining) { signals.count > 0 }
        // On another thread: this one waits for a second signal.
        closing.begin()
        closing.waitUntilStopped { signals.count }
        if let failure = lifecycle.failure { throw failure }
    }
}

/// A task that starts a server, and its cancellation, which is that of the start.
private final class StartingTask: Sendable {
    private let state = Locked((isStarting: false, isCancelled: false))

    /// Notes that the task starts the server. Returns whether it was cancelled before.
    func begin() -> Bool {
        state.withLock { state in
            state.isStarting = true
            return state.isCancelled
        }
    }

    /// Notes that the start is over.
    func end() { state.withLock { $0.isStarting = false } }

    /// Cancels the task. Returns whether it is starting the server.
    func cancel() -> Bool {
        state.withLock { state in
            state.isCancelled = true
            return state.isStarting
        }
    }
}
