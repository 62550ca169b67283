import CPlatform
import Glibc
public import Reactor

extension Server {
    /// Starts, serves until SIGINT, SIGTERM or `stop()`, and stops in good order. Returns once all is closed.
    ///
    /// `whenReady` is called once the server accepts connections, for programs that have something to do or to say
    /// then. While this runs, the two signals end the server instead of the process, from before it starts; a second
    /// one changes nothing. To be called once, and by one server of a process at a time.
    public func run(whenReady: () -> Void = {}) throws(ServerError) {
        let failure = hs_signals_redirect_to(stopEvent.descriptor)
        precondition(failure == 0, "SIGINT and SIGTERM cannot be handled")
        defer { hs_signals_restore() }
        try start()
        whenReady()
        stopEvent.wait()
        stop()
    }
}
