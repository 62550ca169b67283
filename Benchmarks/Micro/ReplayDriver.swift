import Platform
import Reactor

/// A driver without a kernel: in each turn, every connection receives the same bytes, and every send completes at
/// once. After the last turn it stops its reactor.
@safe
struct ReplayDriver: Driver, ~Copyable {
    // The reactor treats it like a real driver; the name is never shown.
    static var kind: DriverKind { .epoll }

    static let connectionCount = 64

    /// Bytes of all responses.
    final class Total {
        private(set) var byteCount = 0

        // Not `+=` where it is needed: Swift 6.3.1 can't compile that for ThreadSanitizer inside a driver.
        func add(_ count: Int) { byteCount += count }
    }

    /// An event of a turn.
    private enum Event {
        case accepted(Int32)
        case received(Token)
        case sent(Token, Int32)
        case ended(Token)
        case wake
    }

    // Owned: freed in `deinit`. The reactor only reads it.
    private let bytes: UnsafeMutableRawBufferPointer
    private let mailbox: ReactorMailbox
    private let sent: Total
    private var turnsLeft: Int
    /// The connections that receive, by descriptor.
    private var tokens: [Token] = []
    /// The events of this turn, and how many of them were returned.
    private var events: [Event] = []
    private var takenCount = 0
    /// The events of the next turn, which result from the reactor's operations.
    private var upcoming: [Event] = (0..<Int32(ReplayDriver.connectionCount)).map { .accepted($0) }
    /// The length of the first response, which all others must have.
    private var responseByteCount: Int?

    /// The first digit of the status that each response must have.
    private let statusDigit: UInt8

    init(_ bytes: [UInt8], statusDigit: UInt8, turnCount: Int, mailbox: ReactorMailbox, sent: Total) {
        unsafe self.bytes = .allocate(byteCount: bytes.count, alignment: 16)
        unsafe self.bytes.copyBytes(from: bytes)
        self.statusDigit = statusDigit
        turnsLeft = turnCount
        self.mailbox = mailbox
        self.sent = sent
    }

    deinit { unsafe bytes.deallocate() }

    // MARK: - Turns

    // Constant, so that no deadline passes.
    var nanoseconds: Int64 { 1_000_000_000 }

    mutating func wait(blocks: Bool) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        swap(&events, &upcoming)
        takenCount = 0
        guard tokens.count == Self.connectionCount else { return }
        if turnsLeft > 0 {
            for token in tokens { events.append(.received(token)) }
        } else if turnsLeft == 0 {
            // A deadline in the past, so that the reactor waits for nothing.
            mailbox.requestStop(deadline: 1)
            events.append(.wake)
        }
        turnsLeft -= 1
    }

    mutating func nextCompletion() -> Completion? {
        guard takenCount < events.count else { return nil }
        takenCount += 1
        switch events[takenCount - 1] {
        case .accepted(let descriptor):
            return Completion(.accept, token: .none, result: descriptor, isFinal: false)
        case .received(let token):
            // In place until `deinit`.
            return unsafe Completion(
                received: token, isFinal: false, bytes: UnsafeRawBufferPointer(bytes), bufferID: -1)
        case .sent(let token, let count): return Completion(.send, token: token, result: count, isFinal: true)
        case .ended(let token): return Completion(.receive, token: token, result: 0, isFinal: true)
        case .wake: return Completion(.wake, token: .none, result: 8, isFinal: false)
        }
    }

    mutating func release(_ completion: Completion) {}

    var buffersInUse: Int { 0 }

    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? {
        // No quiet send ever fails, and the other completions are handled when they are returned.
        nil
    }

    // MARK: - Operations

    mutating func submit(_ operation: Operation, _ token: Token) {
        switch operation {
        case .send(let descriptor, let bytes, let mode): unsafe send(token, descriptor, bytes, mode)
        case .receive(let descriptor, _):
            precondition(
                tokens.count == Int(descriptor), "connections receive in the order in which they were accepted")
            tokens.append(token)
        case .shutdown(let descriptor, _): upcoming.append(.ended(tokens[Int(descriptor)]))
        case .barrier: preconditionFailure("each turn brings completions")
        // No kernel has to do any of these.
        case .accept, .cancel, .close, .wake, .timer: break
        }
    }

    private mutating func send(
        _ token: Token, _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ mode: Operation.SendMode
    ) {
        precondition(bytes.count == responseByteCount ?? bytes.count, "each turn brings the same responses")
        // There are at least as many bytes in any response.
        unsafe precondition(bytes[9] == statusDigit, "each response has the status that it should have")
        responseByteCount = bytes.count
        sent.add(bytes.count)
        if case .quiet = mode { return }
        upcoming.append(.sent(token, Int32(bytes.count)))
    }

    var ringDescriptor: Int32 { -1 }
}
