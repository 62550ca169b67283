import Glibc
import HTTPCore
import Synchronization

@testable import Reactor

/// A connection without a socket: plays the reactor and the kernel for one `Connection`, and records its actions. Time
/// stands still unless a test changes `now`.
final class ConnectionHarness {
    private var connection: Connection
    private var context: ReactorContext
    /// The current tick.
    var now: Int64 = 1000
    /// The tick until which the connection may wait, as of the last event.
    private(set) var deadline: Int64?
    /// All actions of the connection.
    private(set) var actions: [Transport.Action] = []
    /// The complete bytes of each send that was begun.
    private(set) var sends: [String] = []
    /// The bytes sent.
    private(set) var output = ""
    private(set) var isReceiving = false
    private(set) var isClosed = false
    /// Whether the next turn begins by itself if the connection is deferred.
    var takesTurns = true
    /// Whether bulk receives wait for `beginQueuedReceive`.
    var queuesBulk = false
    private let mailbox: ReactorMailbox
    private var lastExchange: Exchange?
    /// The listener of the connections, which outlives them.
    private let listener = ReactorListener(application: ScriptedApplication())
    /// The connection's questions about its peer.
    private(set) var questions: [Patience.Question] = []
    /// The answer to `.presence`: whether the peer is gone.
    var isPeerGone = false
    /// The answer to `.acknowledgedByteCount`.
    var acknowledgedByteCount = 0

    init(_ configuration: ConnectionConfiguration = .init()) throws {
        mailbox = try ReactorMailbox()
        connection = Self.connection(configuration, listener)
        context = ReactorContext(configuration: configuration, mailbox: mailbox)
        context.updateDate(unixSeconds: 0)
        performActions()
    }

    /// Starts the next connection of the same reactor, as if the slot had been reused.
    func reconnect() {
        connection = Self.connection(context.configuration, listener)
        (actions, sends, output, isReceiving, isClosed, deadline) = ([], [], "", false, false, nil)
        performActions()
    }

    /// The rest of the send under way.
    var unsent: String {
        connection.transport.isSending ? unsafe string(connection.transport.unacknowledged.unsafeBytes) : ""
    }

    /// The exchange of the connection's request.
    var exchange: Exchange? { connection.http1.exchange }
    var isIdle: Bool { connection.isIdle }
    var isSending: Bool { connection.transport.isSending }
    /// Whether the connection continues in a later turn.
    var isDeferred: Bool { connection.transport.share.isDeferred }
    /// The number of bytes received and not consumed.
    var inputCount: Int { connection.transport.input.count }
    var requestCount: Int { context.requestCount }
    /// The reactor's count of bytes that were freed or will be.
    var freedByteCount: Int { context.freedByteCount }

    /// The status codes of the responses sent.
    var statusCodes: [Int] {
        (output + unsent).split(separator: "\r\n").filter { $0.contains("HTTP/1.1 ") }.compactMap {
            Int($0.split(separator: "HTTP/1.1 ").last?.prefix(3) ?? "")
        }
    }

    // MARK: - Events

    /// Begins the queued receive, unless the connection doesn't want it any more.
    func beginQueuedReceive() { isReceiving = connection.beginQueuedReceive(&context) || isReceiving }

    func receive(_ text: String) { receive(Array(text.utf8)) }

    func receive(_ bytes: [UInt8]) {
        precondition(isReceiving, "nothing is received from a connection without a receive under way")
        // `received` does not keep the bytes.
        unsafe bytes.withUnsafeBytes { unsafe connection.received($0, &context) }
        performActions()
    }

    func endReceive(failure: Int32 = 0) {
        isReceiving = false
        connection.receiveEnded(failure: failure, &context)
        performActions()
    }

    /// Completes the send under way with `count` bytes, or all of them.
    func completeSend(_ count: Int? = nil) {
        precondition(connection.transport.isSending, "there is a send to complete")
        let taken = String(decoding: Array(unsent.utf8).prefix(count ?? Int.max), as: UTF8.self)
        output += taken
        _ = connection.sent(taken.utf8.count, &context)
        performActions()
    }

    func failSend(_ code: Int32) {
        _ = connection.sent(-Int(code), &context)
        performActions()
    }

    /// Completes all sends.
    func completeSends() {
        while connection.transport.isSending { completeSend() }
    }

    /// Sends the response of the last suspended request's handler, whether the connection still waits for it or not.
    func resume(_ text: String, keepsAlive: Bool = true) {
        guard let exchange = lastExchange else { preconditionFailure("no request was suspended") }
        resume(text, .finished(Responded(keepsAlive: keepsAlive)), exchange)
    }

    /// Passes a message of a handler on another thread.
    func resume(_ text: String, _ step: HandlerMessage.Step, _ exchange: Exchange) {
        var output = OutputQueue()
        output.last.append(utf8: text)
        var message = HandlerMessage(token: connection.transport.token, output: output, step: step, exchange: exchange)
        connection.resumed(&message, &context)
        performActions()
    }

    /// Applies what the handler's task has changed.
    func exchangeChanged() {
        if let exchange { connection.exchangeChanged(exchange, &context) }
        performActions()
    }

    /// Ends the connection at a stopping server's deadline.
    func fail() {
        connection.fail()
        performActions()
    }

    /// Advances time to the deadline. Returns false if there is none.
    func expire() -> Bool {
        guard let deadline else { return false }
        now = deadline
        if let question = connection.timedOut(&context) {
            questions.append(question)
            switch question {
            case .presence: if isPeerGone { connection.fail() }
            case .acknowledgedByteCount: connection.acknowledged(acknowledgedByteCount, now: now, &context)
            }
        }
        performActions()
        return true
    }

    /// Begins to stop the server.
    func drain() {
        context.isDraining = true
        performActions()
    }

    /// Begins the next turn of the reactor.
    func takeTurn() {
        context.turn += 1
        _ = connection.continueDeferred(&context)
        perform()
    }

    /// Performs the connection's actions after an event, as a reactor does.
    private func performActions() {
        perform()
        while takesTurns, !isClosed, connection.transport.share.isDeferred { takeTurn() }
    }

    private func perform() {
        if let exchange = connection.http1.exchange { lastExchange = exchange }
        precondition(!isClosed, "nothing happens to a connection that was closed")
        while let action = connection.nextAction(&context) {
            actions.append(action)
            switch action {
            case .send, .sendMore: sends.append(unsent)
            case .startReceiving, .receiveOnce: isReceiving = true
            case .receiveBulk: if !queuesBulk { beginQueuedReceive() }
            case .awaitSend, .stopReceiving, .shutdownWriting, .shutdown: break
            case .close:
                precondition(
                    !isReceiving && !connection.transport.isSending, "nothing is pending when a socket is closed")
                isClosed = true
                deadline = nil
                return
            }
        }
        deadline = connection.deadline(now: now, &context)
    }

    private static func connection(
        _ configuration: ConnectionConfiguration, _ listener: ReactorListener
    ) -> Connection {
        Connection(
            descriptor: -1, token: Token(slot: 0, generation: 0), headLimits: configuration.headLimits,
            listener: listener)
    }

    private func string(_ bytes: UnsafeRawBufferPointer) -> String {
        // Test data is ASCII.
        unsafe String(decoding: bytes, as: UTF8.self)
    }
}
