import Glibc
import HTTPCore
import Synchronization

@testable import Reactor

/// A connection without a socket: plays the reactor and the kernel for one `Connection`, and writes down what it asks
/// for. Time stands still unless a test moves `now`.
final class ConnectionHarness {
    private var connection: Connection
    private var context: ReactorContext
    /// The current tick.
    var now: Int64 = 1000
    /// Until when the connection may wait, as of the last event.
    private(set) var deadline: Int64?
    /// Everything that the connection asked for.
    private(set) var actions: [Transport.Action] = []
    /// The bytes of each send that was begun, whole.
    private(set) var sends: [String] = []
    /// What the kernel has taken.
    private(set) var output = ""
    private(set) var isReceiving = false
    private(set) var isClosed = false
    /// Whether the next turn comes by itself, when there is something left to do.
    var takesTurns = true
    private let mailbox: ReactorMailbox
    private var lastExchange: Exchange?
    /// Where the connections come from; theirs for as long as they are.
    private let listener = ReactorListener(application: ScriptedApplication())
    /// What the connection has asked about its peer.
    private(set) var questions: [Patience.Question] = []
    /// Whether the peer is gone, for when the connection asks.
    var isPeerGone = false
    /// Bytes that the peer has acknowledged, for when the connection asks.
    var acknowledgedByteCount = 0

    init(_ configuration: ConnectionConfiguration = .init()) throws {
        mailbox = try ReactorMailbox()
        connection = Self.connection(configuration, listener)
        context = ReactorContext(configuration: configuration, mailbox: mailbox)
        context.updateDate(unixSeconds: 0)
        performActions()
    }

    /// Starts the next connection of the same reactor, as if the slot had been given away.
    func reconnect() {
        connection = Self.connection(context.configuration, listener)
        (actions, sends, output, isReceiving, isClosed, deadline) = ([], [], "", false, false, nil)
        performActions()
    }

    /// What the connection still has with the kernel, from the start of the rest.
    var unsent: String {
        connection.transport.isSending ? unsafe string(connection.transport.unacknowledged.unsafeBytes) : ""
    }

    /// What the connection shares with the handler of its request.
    var exchange: Exchange? { connection.http1.exchange }
    var isIdle: Bool { connection.isIdle }
    var isSending: Bool { connection.transport.isSending }
    /// There is something left to do in the next turn.
    var isDeferred: Bool { connection.transport.share.isDeferred }
    /// Bytes received and not looked at yet.
    var inputCount: Int { connection.transport.input.count }
    var requestCount: Int { context.requestCount }
    /// Bytes that were freed or will be, as the reactor counts them.
    var freedByteCount: Int { context.freedByteCount }

    /// The status lines among what was sent.
    var statusCodes: [Int] {
        (output + unsent).split(separator: "\r\n").filter { $0.contains("HTTP/1.1 ") }.compactMap {
            Int($0.split(separator: "HTTP/1.1 ").last?.prefix(3) ?? "")
        }
    }

    // MARK: - Events

    func receive(_ text: String) { receive(Array(text.utf8)) }

    func receive(_ bytes: [UInt8]) {
        precondition(isReceiving, "nothing is received from a connection that does not ask for it")
        // The bytes are not needed any more when `received` returns.
        unsafe bytes.withUnsafeBytes { unsafe connection.received($0, &context) }
        performActions()
    }

    func endReceive(failure: Int32 = 0) {
        isReceiving = false
        connection.receiveEnded(failure: failure, &context)
        performActions()
    }

    /// The kernel takes `count` bytes of the send under way, or all of it.
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

    /// The kernel takes everything, however many sends that makes.
    func completeSends() {
        while connection.transport.isSending { completeSend() }
    }

    /// The handler of the last request that was suspended responds, whether it is still waited for or not.
    func resume(_ text: String, keepsAlive: Bool = true) {
        guard let exchange = lastExchange else { preconditionFailure("no request was suspended") }
        resume(text, .finished(keepsAlive: keepsAlive), exchange)
    }

    /// A message of a handler on another thread.
    func resume(_ text: String, _ step: HandlerMessage.Step, _ exchange: Exchange) {
        var output = OutputQueue()
        output.last.append(utf8: text)
        var answer = HandlerMessage(token: connection.transport.token, output: output, step: step, exchange: exchange)
        connection.resumed(&answer, &context)
        performActions()
    }

    /// The task of the handler has done something.
    func exchangeChanged() {
        if let exchange { connection.exchangeChanged(exchange, &context) }
        performActions()
    }

    /// The time of a stopping server is over.
    func fail() {
        connection.fail()
        performActions()
    }

    /// Lets time pass until the deadline. False if there is none.
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

    /// The server begins to stop.
    func drain() {
        context.isDraining = true
        performActions()
    }

    /// The reactor has looked after all others.
    func takeTurn() {
        context.turn += 1
        _ = connection.continueDeferred(&context)
        perform()
    }

    /// Does what a reactor does after each event.
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
            case .startReceiving, .receiveOnce, .receiveBulk: isReceiving = true
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
