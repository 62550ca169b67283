import Glibc
import HTTP1
import HTTPCore

@testable import Reactor

/// Plays kernel, reactor and handlers for one connection. Without a pace everything happens at once; with one, its
/// numbers make sends short and late, and handlers late.
final class ConnectionPlay {
    private var connection: Connection
    private var context: ReactorContext
    private(set) var output: [UInt8] = []
    private(set) var problem: String?
    /// The connection ended during a request whose body had not arrived: with a late response, or with the client's end
    /// before the response. Which of them comes first depends on the pace.
    private(set) var hasLeftBody = false
    /// Bytes of output before the last late response to a request whose body had not arrived. Had the body arrived
    /// first, and been malformed, there would be an error response here.
    private(set) var lateResponseStart: Int?
    private var isReceiving = false
    /// Whether a receive waits for its turn, in which it begins unless the input is full.
    private var isQueued = false
    /// Whether the receive ends with its first bytes.
    private var isReceivingOnce = false
    private var isClosed = false
    private let pace: [Int]?
    private var step = 0
    private var hasAskedForBody = false
    private var body: [UInt8] = []
    private var pieceByteCount = 0

    private let listener = ReactorListener(application: EchoApplication())

    static let lateResponse = "later\n"

    // Shared by all: nothing remains in it, and it owns a descriptor.
    private static let mailbox: ReactorMailbox = {
        guard let mailbox = try? ReactorMailbox() else { fatalError("no descriptor for a mailbox") }
        return mailbox
    }()

    init(_ configuration: ConnectionConfiguration, pace: [Int]?) {
        self.pace = pace
        connection = Connection(
            descriptor: -1, token: Token(slot: 0, generation: 0), headLimits: configuration.headLimits,
            listener: listener)
        context = ReactorContext(configuration: configuration, mailbox: Self.mailbox)
        context.updateDate(unixSeconds: 0)
        performActions()
    }

    /// Receives the pieces and then FIN, and completes all that can be completed.
    func play(_ pieces: [[UInt8]]) {
        for piece in pieces {
            work(untilReceiving: true)
            guard isReceiving, !isClosed else { break }
            pieceByteCount = max(pieceByteCount, piece.count)
            unsafe piece.withUnsafeBytes { unsafe connection.received($0, &context) }
            // Ends the receive as io_uring does, or continues as other drivers may.
            if isReceivingOnce, pace == nil || next() & 2 == 0 {
                isReceiving = false
                connection.receiveEnded(failure: EAGAIN, &context)
            }
            performActions()
            if pace == nil || next() & 1 == 1 { work() }
        }
        work(untilReceiving: true)
        if isReceiving, !isClosed { endReceive(0) }
        work()
        if isReceiving, !isClosed { endReceive(0) }
        work()
        if !isClosed, problem == nil {
            problem =
                "the connection does not end after the client's FIN: \(connection.http1.phase), "
                + "\(connection.transport.input.count) unread, \(connection.transport.output.byteCount) unsent, "
                + "sending \(connection.transport.isSending), receiving \(isReceiving), "
                + "client finished \(connection.transport.isPeerFinished)"
        }
    }

    /// Completes sends, runs handlers and makes turns until nothing is left to do, or until a receive is under way.
    private func work(untilReceiving: Bool = false) {
        var rounds = 0
        while !isClosed, !(untilReceiving && isReceiving) {
            let hasBegun = beginQueuedReceive()
            let hasSent = completeSend()
            let hasHandled = !isClosed && handle()
            let hasContinued = !isClosed && takeTurn()
            guard hasBegun || hasSent || hasHandled || hasContinued else { return }
            rounds += 1
            if rounds > 1_000_000 { fatalError("the connection never becomes idle") }
        }
    }

    private func next() -> Int {
        guard let pace else { return .max }
        step += 1
        return pace[step % pace.count]
    }

    private func completeSend() -> Bool {
        guard connection.transport.isSending, !isClosed else { return false }
        let count = min(next(), connection.transport.unacknowledged.count)
        // The bytes are copied while they are valid.
        unsafe output += connection.transport.unacknowledged.unsafeBytes.prefix(count)
        _ = connection.sent(count, &context)
        performActions()
        return true
    }

    /// Makes another turn of a deferred connection. Returns whether it was deferred.
    private func takeTurn() -> Bool {
        context.turn &+= 1
        guard connection.transport.share.isDeferred else { return false }
        _ = connection.continueDeferred(&context)
        performActions()
        return true
    }

    /// Gives a queued receive its turn. Returns whether there was one.
    private func beginQueuedReceive() -> Bool {
        guard isQueued, !isClosed else { return false }
        isQueued = false
        isReceiving = connection.beginQueuedReceive(&context)
        isReceivingOnce = true
        performActions()
        return true
    }

    private func endReceive(_ failure: Int32) {
        isReceiving = false
        connection.receiveEnded(failure: failure, &context)
        performActions()
    }

    private func performActions() {
        checkBuffers()
        if connection.transport.isPeerFinished, let exchange = connection.http1.exchange, !exchange.body.isComplete {
            hasLeftBody = true
        }
        while let action = connection.nextAction(&context) {
            switch action {
            case .receiveBulk: isQueued = true
            case .startReceiving, .receiveOnce:
                isReceiving = true
                isReceivingOnce = action != .startReceiving
            case .stopReceiving:
                isReceiving = false
                connection.receiveEnded(failure: ECANCELED, &context)
            case .shutdown where isReceiving:
                isReceiving = false
                connection.receiveEnded(failure: ECANCELED, &context)
            case .send, .awaitSend, .sendMore, .shutdownWriting, .shutdown: break
            case .close:
                if connection.transport.isSending || isReceiving { problem = "closed with an operation under way" }
                isClosed = true
                return
            }
        }
    }

    private func checkBuffers() {
        let configuration = context.configuration
        // A response begins below the high-water mark, and repeats its request: at most a head, a body and a line.
        let head = configuration.headLimits.maximumHeadByteCount
        let responseByteCount = head + EchoApplication.maximumBodyByteCount + 400
        let received = max(configuration.buffers.inputHighWaterByteCount, head) + pieceByteCount
        // Input that waited for a request's response may become the next request's streamed body at once.
        let isBounded =
            connection.transport.input.count <= received
            && connection.transport.output.byteCount <= configuration.buffers.outputHighWaterByteCount
                + responseByteCount
            && connection.http1.headBytes.count <= head + ChunkLimits().maximumTrailerByteCount
            && connection.http1.body.count <= EchoApplication.maximumBodyByteCount
            && connection.transport.input.count + (connection.http1.exchange?.bodyBytes.count ?? 0)
                <= received + configuration.buffers.streamHighWaterByteCount
        if !isBounded { problem = "a buffer grows beyond its limit" }
    }
}

// MARK: - Handlers

extension ConnectionPlay {
    /// Performs the next step of a handler that does not run inline. Returns whether there was one.
    private func handle() -> Bool {
        guard let exchange = connection.http1.exchange else {
            hasAskedForBody = false
            body = []
            return false
        }
        guard exchange.isBodyStreamed else {
            let keepsAlive = exchange.remainingBody == .short
            if !keepsAlive { hasLeftBody = true }
            if connection.http1.phase != .suspended {
                lateResponseStart =
                    output.count + connection.transport.unacknowledged.count + connection.transport.output.byteCount
            }
            return say(Self.lateResponse, .finished(Responded(keepsAlive: keepsAlive)), exchange)
        }
        guard hasAskedForBody else {
            hasAskedForBody = true
            return say("", .wantsBody, exchange)
        }
        // The reactor has not delivered the body yet.
        if exchange.body.waiter != nil { return false }
        guard let signal = exchange.signals?.body else { return false }
        let chunk = signal.bytes.array
        signal.bytes = ByteBuffer()
        body += chunk
        guard signal.isComplete else {
            return say("", .wantsBody, exchange)
        }
        let response = "stream \(body.count):\(String(decoding: body, as: UTF8.self))\n"
        hasAskedForBody = false
        body = []
        return say(response, .finished(Responded(keepsAlive: true)), exchange)
    }

    private func say(_ text: String, _ step: HandlerMessage.Step, _ exchange: Exchange) -> Bool {
        var output = OutputQueue()
        output.last.append(utf8: text)
        var message = HandlerMessage(token: connection.transport.token, output: output, step: step, exchange: exchange)
        connection.resumed(&message, &context)
        performActions()
        return true
    }
}
