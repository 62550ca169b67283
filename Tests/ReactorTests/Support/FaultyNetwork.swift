import Glibc
import Platform
import TestSupport

@testable import Reactor

/// Clients, sockets and a kernel that exist only in memory, with random faults of every operation. The generator is
/// seeded, so a failure can be repeated.
///
/// It also records violations by the reactor, such as closing a socket with operations under way.
@safe
final class FaultyNetwork {
    static let bufferCount = 4
    static let bufferByteCount = 64

    var clients: [FaultyClient]
    private(set) var violations: [String] = []
    /// How often each kind of fault has occurred.
    private(set) var faults: [String: Int] = [:]
    var buffersInUse = 0
    var random: SeededGenerator
    private let faultPercentage: Int
    var isAccepting = false
    var acceptedCount = 0
    private var timerDeadline: Int64?
    var turn: [Completion] = []
    private var hasAskedToStop = false
    /// Tokens of barriers that have not completed yet.
    var barriers: [Token] = []
    /// The number of large operations in each turn so far: receives of mode `onceLarge`, and large sends.
    private(set) var bulkCounts = [0]
    /// Whether each wait so far was allowed to block.
    private(set) var blockingWaits: [Bool] = []
    /// What each socket reports as the number of its unread bytes.
    var unreadByteCount = Int.max
    /// A fault that occurs in addition to the random ones.
    var planned: PlannedFault?
    /// Whether the first released buffer remains counted as in use, as a leak would.
    var losesABuffer = false
    private var hasLostABuffer = false
    /// Called in each turn with the number of receives that complete in it.
    var observeTurn: (Int) -> Void = { _ in }
    private var wakeDescriptor: Int32 = -1
    /// Asks the reactor to stop, once every client has left.
    var requestStop: () -> Void = {}

    init(seed: UInt64, faultPercentage: Int, clients: [FaultyClient]) {
        random = SeededGenerator(seed: seed)
        self.faultPercentage = faultPercentage
        self.clients = clients
    }

    /// Creates a reactor's mailbox for which all clients have an address, as those of a real network do.
    func makeMailbox() throws -> ReactorMailbox {
        let peer = try SocketAddress.resolve(host: "192.0.2.1", port: 80).first
        return try ReactorMailbox { _ in peer }
    }

    var openCount: Int { clients.count { $0.hasBegun && !$0.isClosed } }

    // MARK: - The reactor's operations

    func startAccepting() {
        note(isAccepting, "accepts twice")
        isAccepting = true
    }

    func stopAccepting() {
        guard isAccepting else { return }
        isAccepting = false
        turn.append(Completion(.accept, token: .none, result: -ECANCELED, isFinal: true))
    }

    func startReceiving(_ token: Token, _ descriptor: Int32, _ mode: Operation.ReceiveMode) {
        countOperation(isBulk: mode == .onceLarge)
        let index = index(of: descriptor)
        note(clients[index].isReceiving, "receives twice")
        note(clients[index].isClosed, "receives from a closed socket")
        clients[index].token = token
        clients[index].isReceiving = true
        clients[index].receivesOnce = mode != .multishot
    }

    func stopReceiving(_ token: Token) {
        guard let index = clients.firstIndex(where: { $0.token == token && !$0.isClosed }) else { return }
        clients[index].isStoppingReceive = true
    }

    func send(_ token: Token, _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, isQuiet: Bool) {
        let index = index(of: descriptor)
        note(unsafe clients[index].pendingSend != nil, "sends twice at a time")
        note(clients[index].isClosed, "sends on a closed socket")
        note(unsafe bytes.isEmpty, "sends nothing")
        countOperation(isBulk: !isQuiet && bytes.count >= BulkQueue.largeSendByteCount)
        clients[index].token = token
        unsafe clients[index].pendingSend = unsafe bytes
        clients[index].isSendQuiet = isQuiet
    }

    /// Whether a quiet send has not been tried yet.
    var hasQuietSend: Bool {
        clients.contains { unsafe $0.isSendQuiet && $0.pendingSend != nil }
    }

    func countOperation(isBulk: Bool) {
        let count = bulkCounts.count - 1
        note(!isBulk && bulkCounts[count] > 0, "submits an operation after a large one")
        if isBulk { bulkCounts[count] += 1 }
    }

    func shutdown(_ descriptor: Int32, _ direction: Int32) {
        let index = index(of: descriptor)
        note(clients[index].isClosed, "shuts a closed socket down")
        if direction == Int32(SHUT_RDWR) { clients[index].isShutDown = true }
    }

    func close(_ descriptor: Int32) {
        let index = index(of: descriptor)
        note(clients[index].isClosed, "closes twice")
        note(clients[index].isReceiving, "closes while it receives")
        note(unsafe clients[index].pendingSend != nil, "closes while it sends")
        clients[index].isClosed = true
        clients[index].token = clients[index].token ?? Token.none
    }

    func setTimer(_ nanoseconds: Int64) {
        note(timerDeadline != nil, "sets two timers")
        timerDeadline = Clock.nanoseconds() + nanoseconds
    }

    func watchWake(_ descriptor: Int32) { wakeDescriptor = descriptor }

    func release(_ completion: Completion) {
        guard completion.bufferID >= 0 else { return }
        if losesABuffer, !hasLostABuffer { hasLostABuffer = true } else { buffersInUse -= 1 }
        // Allocated by `receiveSome`, and released once. AddressSanitizer reports later uses.
        let bytes = unsafe UnsafeMutableRawBufferPointer(mutating: completion.bytes)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xDD)
        unsafe bytes.deallocate()
    }

    /// Ends all operations under way without a completion, and the connections that had begun.
    func restart() {
        for completion in turn where completion.bufferID >= 0 { release(completion) }
        turn = []
        barriers = []
        isAccepting = false
        timerDeadline = nil
        for index in clients.indices where clients[index].hasBegun && !clients[index].isClosed {
            noteEnd(index)
            unsafe clients[index].pendingSend = nil
            clients[index].isBroken = true
        }
    }

    // MARK: - Turns

    /// Produces random events until there is a completion.
    func wait(blocks: Bool) throws(SystemError) {
        bulkCounts.append(0)
        blockingWaits.append(blocks)
        let end = Clock.nanoseconds() + 20_000_000_000
        while true {
            if let failure = planned?.take(.wake) {
                // As with drivers whose wait a signal ended: the turn has no completions.
                if failure == EINTR { return }
                throw SystemError("wait", code: failure)
            }
            if isHit("a turn without completions") { return }
            // Every failure was reported in an earlier turn.
            if !hasQuietSend {
                turn += barriers.map { Completion(.barrier, token: $0, result: 0, isFinal: true) }
                barriers = []
            }
            acceptSome()
            for index in clients.indices where clients[index].hasBegun && !clients[index].isClosed {
                sendSome(index)
                receiveSome(index)
            }
            if let deadline = timerDeadline, Clock.nanoseconds() >= deadline {
                timerDeadline = nil
                turn.append(Completion(.timer, token: .none, result: 0, isFinal: true))
            }
            if !hasAskedToStop, acceptedCount == clients.count, openCount == 0 {
                hasAskedToStop = true
                requestStop()
            }
            if isWoken() { turn.append(Completion(.wake, token: .none, result: 8, isFinal: false)) }
            observeTurn(turn.count { $0.kind == .receive })
            if !turn.isEmpty || !blocks { return turn.shuffle(using: &random, keepingOrderOf: \.token) }
            guard Clock.nanoseconds() < end else { throw SystemError("the reactor hangs", code: ETIME) }
            usleep(500)
        }
    }

    private func isWoken() -> Bool {
        var counter: UInt64 = 0
        // Eight bytes, the size of an eventfd's counter; a mailbox's eventfd does not block.
        return unsafe read(wakeDescriptor, &counter, 8) == 8
    }

    func nextCompletion() -> Completion? { turn.isEmpty ? nil : turn.removeFirst() }

    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? {
        index < turn.count ? (turn[index].kind, turn[index].token) : nil
    }

    // MARK: - Helpers

    func failed(_ kind: Operation.Kind, _ token: Token, _ failure: Int32) -> Completion {
        Completion(kind, token: token, result: -failure, isFinal: true)
    }

    func isHit(_ fault: String) -> Bool {
        guard Int(random.next() % 100) < faultPercentage else { return false }
        count(fault)
        return true
    }

    func count(_ fault: String) { faults[fault, default: 0] += 1 }

    func note(_ isWrong: Bool, _ violation: String) {
        if isWrong { violations.append(violation) }
    }

    /// Returns the descriptor of a client, a number that no real descriptor has.
    func descriptor(of index: Int) -> Int32 { 1_000_000 + Int32(index) }

    func index(of descriptor: Int32) -> Int { Int(descriptor) - 1_000_000 }
}
