/// A listener of one reactor: the socket, and what serves the connections that it accepts. Used by the reactor's
/// thread.
final class ReactorListener {
    /// Serves the requests of the connections.
    let application: any Application
    /// Makes what is spoken on a new connection; nil for HTTP/1.1.
    let makeProtocol: (@Sendable () -> any ConnectionProtocol)?
    /// Nil after the reactor has stopped listening, or if the driver makes connections by itself.
    private var socket: Listener?
    /// Values of the socket, valid while it is open.
    let descriptor: Int32
    let sharesQueue: Bool
    /// Names the current accept operation. Its slot is the listener's index in the reactor.
    private(set) var token = Token.none
    /// Accepting pauses because the process is out of descriptors.
    var isPaused = false
    /// The reactor is stopping and has asked the driver to end accepting.
    var hasStoppedAccepting = false

    init(
        _ socket: consuming Listener, application: any Application,
        makeProtocol: (@Sendable () -> any ConnectionProtocol)? = nil
    ) {
        self.makeProtocol = makeProtocol
        descriptor = socket.descriptor
        sharesQueue = socket.sharesQueue
        self.socket = consume socket
        self.application = application
    }

    /// Creates a listener without a socket, for a driver that makes connections by itself.
    init(application: any Application) {
        makeProtocol = nil
        descriptor = -1
        sharesQueue = false
        self.application = application
    }

    var isOpen: Bool { socket != nil }

    /// Has the kernel refuse further clients, where that is possible.
    func refuseNew() { socket?.refuseNew() }

    /// Stops listening.
    func close() { socket = nil }

    /// Sets the listener's index in the reactor.
    func setIndex(_ index: Int) { token = Token(slot: index, generation: 0) }

    /// A new name for the next accept operation, so that canceling the previous one can't affect it.
    func nextToken() -> Token {
        token = Token(slot: token.slot, generation: token.generation &+ 1)
        return token
    }
}
