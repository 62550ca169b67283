import Platform
import Reactor

/// A driver without a kernel: in each turn, every connection receives the same bytes, and what was sent in the turn
/// before has been taken. After the last turn it stops its reactor.
@safe
struct ReplayDriver: Driver, ~Copyable {
    // As strict as the real ones; the name is shown to nobody.
    static var kind: DriverKind { .epoll }

    static let connectionCount = 64

    /// What all answers came to.
    final class Total {
        private(set) var byteCount = 0

        // Not `+=` where it is needed: Swift 6.3.1 can't compile that for ThreadSanitizer inside a driver.
        func add(_ count: Int) { byteCount += count }
    }

    /// Something to tell the reactor.
    private enum Notice {
        case accepted(Int32)
        case received(Token)
        case sent(Token, Int32)
        case ended(Token)
        case wake
    }

    // Owned: freed in `deinit`. The reactor only reads it.
    private let bytes: UnsafeMutableRawBufferPointer
    private let mailbox: ReactorMailbox
    private let answered: Total
    private var turnsLeft: Int
    /// By descriptor; those that receive.
    private var tokens: [Token] = []
    /// What this turn brings, and how much of it was told.
    private var notices: [Notice] = []
    private var toldCount = 0
    /// What the next turn brings because of what the reactor asked for.
    private var upcoming: [Notice] = (0..<Int32(ReplayDriver.connectionCount)).map { .accepted($0) }
    /// What is sent to each connection must be as long as the first time.
    private var answerByteCount: Int?

    init(_ bytes: [UInt8], turnCount: Int, mailbox: ReactorMailbox, answered: Total) {
        unsafe self.bytes = .allocate(byteCount: bytes.count, alignment: 16)
        unsafe self.bytes.copyBytes(from: bytes)
        turnsLeft = turnCount
        self.mailbox = mailbox
        self.answered = answered
    }

    deinit { unsafe bytes.deallocate() }

    // MARK: - Turns

    // Stands still, so that no deadline comes.
    var nanoseconds: Int64 { 1_000_000_000 }

    mutating func wait() throws(SystemError) {
        notices.removeAll(keepingCapacity: true)
        swap(&notices, &upcoming)
        toldCount = 0
        guard tokens.count == Self.connectionCount else { return }
        if turnsLeft > 0 {
            for token in tokens { notices.append(.received(token)) }
        } else if turnsLeft == 0 {
            // A moment that has passed: the reactor waits for nothing.
            mailbox.requestStop(deadline: 1)
            notices.append(.wake)
        }
        turnsLeft -= 1
    }

    mutating func nextCompletion() -> Completion? {
        guard toldCount < notices.count else { return nil }
        toldCount += 1
        switch notices[toldCount - 1] {
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

    // MARK: - Operations

    mutating func startReceiving(_ token: Token, descriptor: Int32) {
        precondition(tokens.count == Int(descriptor), "connections receive in the order in which they were accepted")
        tokens.append(token)
    }

    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool) {
        precondition(bytes.count == answerByteCount ?? bytes.count, "each turn brings the same answers")
        // The status' first digit; there are at least as many bytes in any answer.
        unsafe precondition(bytes[9] == UInt8(ascii: "2"), "each request is valid and has a route")
        answerByteCount = bytes.count
        answered.add(bytes.count)
        upcoming.append(.sent(token, Int32(bytes.count)))
    }

    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        unsafe send(token, descriptor: descriptor, bytes: bytes, isAwaited: true)
    }

    mutating func shutdown(descriptor: Int32, direction: Int32) {
        upcoming.append(.ended(tokens[Int(descriptor)]))
    }

    // Nothing of this is needed where everything happens by itself.

    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool) {}

    mutating func stopAccepting(_ token: Token) {}

    mutating func stopReceiving(_ token: Token) {}

    mutating func close(_ token: Token, descriptor: Int32) {}

    mutating func watchWake(descriptor: Int32) {}

    mutating func setTimer(nanoseconds: Int64) {}

    var ringDescriptor: Int32 { -1 }
}
