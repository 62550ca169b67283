import Platform
public import Reactor

extension Server {
    /// Starts, serves until SIGINT, SIGTERM, `stop()` or the failure of a reactor, and stops in good order. Returns
    /// once all is closed and the requests that were under way have got their responses, within `shutdownTimeout`.
    ///
    /// `whenReady` is called once the server accepts connections, for programs that have something to do or to say
    /// then. While this runs, the two signals end the server instead of the process, from before it starts; a second
    /// one changes nothing. Several servers of a process may run at a time: a signal ends all of them.
    ///
    /// Returns without having served if the server was stopped before. Throws what `start()` throws, and
    /// `reactorFailed` if a reactor failed while it served.
    public func run(whenReady: () -> Void = {}) throws(ServerError) {
        let signals = EndingSignals()
        do throws(ServerError) {
            try start()
        } catch {
            // As asked for, unless it has served before.
            if error == .stopped, !lifecycle.hasServed { return }
            throw error
        }
        whenReady()
        lifecycle.wait(for: .draining) { signals.haveArrived }
        stop()
        if let failure = lifecycle.failure { throw .reactorFailed(failure) }
    }
}
