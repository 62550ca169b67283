/// A listener of one reactor: the socket, and the application that serves its connections. Used by the reactor's
/// thread.
final class ReactorListener {
    /// The application that serves the requests.
    let application: any Application
    /// Makes the protocol of a new connection; nil for HTTP/1.1.
    let makeProtocol: (@Sendable () -> any ConnectionProtocol)?
    /// The socket; nil after the reactor has stopped listening, or if the driver makes connections by itself.
    private var socket: Listener?
    /// Values of the socket, valid while it is open.
    let descriptor: Int32
    let sharesQueue: Bool
    /// The token of the current accept operation. Its slot is the listener's index in the reactor.
    private(set) var token = Token.none
    /// Whether accepting pauses because the process is out of descriptors.
    var isPaused = false
    /// Whether the stopping reactor has cancelled the accept.
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

    /// Makes the kernel refuse further clients, where that is possible.
    func refuseNew() { socket?.refuseNew() }

    /// Stops listening.
    func close() { socket = nil }

    /// Sets the listener's index in the reactor.
    func setIndex(_ index: Int) { token = Token(slot: index, generation: 0) }

    /// Returns a new token for the next accept operation, so that cancelling the previous one can't affect it.
    func nextToken() -> Token {
        token = Token(slot: token.slot, generation: token.generation &+ 1)
        return token
    }
}
