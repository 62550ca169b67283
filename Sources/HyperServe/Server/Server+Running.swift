import Platform
public import Reactor

extension Server {
    /// Starts the server, serves until SIGINT, SIGTERM, `stop()` or the failure of a reactor, and stops it. Returns
    /// once everything is closed and the requests in progress have their responses, or after `shutdownTimeout`.
    ///
    /// `whenReady` is called once the server accepts connections. From before the start until this returns, the two
    /// signals stop the server instead of ending the process; a second signal has no further effect. Several servers of
    /// a process may run at the same time: a signal stops all of them.
    ///
    /// Returns without having served if the server was stopped before. Throws what `start()` throws, and
    /// `reactorFailed` if a reactor failed while the server served.
    public func run(whenReady: () -> Void = {}) throws(ServerError) {
        let signals = EndingSignals()
        do throws(ServerError) {
            try start()
        } catch {
            // It was stopped before it served, as requested. A server that has served can't run again.
            if error == .stopped, !lifecycle.hasServed { return }
            throw error
        }
        whenReady()
        lifecycle.wait(for: .draining) { signals.haveArrived }
        stop()
        if let failure = lifecycle.failure { throw .reactorFailed(failure) }
    }
}
