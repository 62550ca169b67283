import CPlatform
import Glibc
import Platform

/// The driver on epoll, for kernels and sandboxes without io_uring. It provides the same operations and completions: a
/// readable socket is received from when the reactor asks for the next completion, and a send is tried at once and
/// finished when the socket becomes writable.
///
/// Level-triggered: a socket with more to read is reported again, so one receive per turn and connection is enough and
/// no connection can starve another.
@safe
struct EpollDriver: Driver, ~Copyable {
    static var kind: DriverKind { .epoll }

    /// The state of the socket in a slot.
    @safe
    struct Socket {
        var token = Token.none
        var descriptor: Int32 = -1
        /// The registered events; 0 means that the descriptor is not registered.
        var interest: UInt32 = 0
        /// The receive under way, if there is one.
        var receiving: Operation.ReceiveMode?
        /// Bytes of a send that the socket had no room for. The reactor keeps them alive until the completion.
        var unsent = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// A socket that connections are accepted from, if it is in the set.
    struct ListeningSocket {
        var token = Token.none
        var descriptor: Int32 = -1
        var sharesQueue = false
    }

    let poll: Int32
    // Owned: freed in `deinit`, used by this thread only.
    private let events: UnsafeMutablePointer<epoll_event>
    private let receiveBuffer: UnsafeMutableRawBufferPointer
    var sockets: [Socket] = []
    /// Completions that are known already: sends and ends of receives. Those before `knownTaken` were returned.
    var known: [Completion] = []
    private var knownTaken = 0
    private var eventCount = 0
    private var eventsTaken = 0
    /// Indexed by the slots of their tokens.
    var listeners: [ListeningSocket] = []
    /// The number of connections that the current event's listener may still accept in this turn.
    var acceptsLeft = EpollDriver.acceptsPerTurn
    var wakeDescriptor: Int32 = -1
    /// Whether the eventfd could not be added to the set yet, for lack of memory or watches.
    var isWakeMissing = false
    var timerDeadline: Int64?
    private(set) var buffersInUse = 0

    private static let maximumEvents = 512
    /// The bytes that one turn receives for a connection. The first receive is seldom longer than a head.
    private static let receiveByteCount = 32 * 1024
    /// The number of connections of a listener that one turn accepts before it handles existing ones.
    static let acceptsPerTurn = 64

    init(configuration: DriverConfiguration) throws(SystemError) {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        let failure = errno
        unsafe events = .allocate(capacity: EpollDriver.maximumEvents)
        unsafe receiveBuffer = .allocate(byteCount: Operation.largeReceiveByteCount, alignment: 64)
        known.reserveCapacity(64)
        guard poll >= 0 else { throw SystemError("epoll_create1", code: failure) }
    }

    deinit {
        if poll >= 0 { _ = Glibc.close(poll) }
        unsafe events.deallocate()
        unsafe receiveBuffer.deallocate()
    }

    mutating func wait(blocks: Bool) throws(SystemError) {
        if isWakeMissing { try addWake() }
        eventsTaken = 0
        let timeout = blocks && known.isEmpty ? millisecondsUntilTimer() : 0
        let count = unsafe epoll_wait(poll, events, Int32(EpollDriver.maximumEvents), timeout)
        let failure = errno
        eventCount = Int(max(count, 0))
        guard count >= 0 || failure == EINTR else { throw SystemError("epoll_wait", code: failure) }
        if let deadline = timerDeadline, Clock.nanoseconds() >= deadline {
            timerDeadline = nil
            known.append(Completion(.timer, token: .none, result: 0, isFinal: true))
        }
    }

    mutating func nextCompletion() -> Completion? {
        while true {
            if knownTaken < known.count {
                knownTaken += 1
                return known[knownTaken - 1]
            }
            known.removeAll(keepingCapacity: true)
            knownTaken = 0
            guard eventsTaken < eventCount else { return nil }
            // In range: the kernel wrote `eventCount` entries.
            let (flags, userData) = unsafe (events[eventsTaken].events, events[eventsTaken].data.u64)
            if let completion = take(flags, userData) { return completion }
        }
    }

    // Those of events are not known yet, and none of them is a quiet send's.
    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? {
        guard index < known.count - knownTaken else { return nil }
        let completion = known[knownTaken + index]
        return (completion.kind, completion.token)
    }

    mutating func release(_ completion: Completion) {
        if completion.bufferID >= 0 { buffersInUse -= 1 }
    }

    /// Returns a completion of the current event, or nil when the event has no more.
    private mutating func take(_ flags: UInt32, _ userData: UInt64) -> Completion? {
        let (kind, token) = Token.unpack(userData)
        switch kind {
        case .accept:
            return acceptOne(token)
        case .wake:
            eventsTaken += 1
            var counter: UInt64 = 0
            _ = unsafe read(wakeDescriptor, &counter, 8)
            return Completion(.wake, token: .none, result: 8, isFinal: false)
        default:
            eventsTaken += 1
            return takeSocketEvent(flags, token)
        }
    }

    private mutating func acceptOne(_ token: Token) -> Completion? {
        let listener = listeners[token.slot]
        guard listener.token == token, listener.descriptor >= 0, acceptsLeft > 0 else { return endAccepting() }
        acceptsLeft -= 1
        let descriptor = hs_accept_nonblocking(listener.descriptor)
        if descriptor >= 0 {
            if listener.sharesQueue {
                _ = endAccepting()
                queueAgain(token)
            }
            return Completion(.accept, token: token, result: descriptor, isFinal: false)
        }
        switch -descriptor {
        case EINTR, ECONNABORTED: return nil
        // The queue is empty; the listener is reported again when more connections wait.
        case EAGAIN: return endAccepting()
        default: break
        }
        // Most likely out of descriptors. The listener would be reported endlessly, so it is not watched any more.
        _ = endAccepting()
        unwatchListener(token)
        return Completion(.accept, token: token, result: descriptor, isFinal: true)
    }

    /// Ends the current event.
    private mutating func endAccepting() -> Completion? {
        eventsTaken += 1
        acceptsLeft = EpollDriver.acceptsPerTurn
        return nil
    }

    private mutating func takeSocketEvent(_ flags: UInt32, _ token: Token) -> Completion? {
        guard token.slot < sockets.count, sockets[token.slot].token == token, sockets[token.slot].interest != 0
        else { return nil }
        let failed = flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        if failed || flags & EPOLLOUT.rawValue != 0 { continueSending(token) }
        guard failed || flags & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 else { return nil }
        if let mode = sockets[token.slot].receiving { return receive(token, mode) }
        if failed {
            // No receive is under way, and epoll would report this endlessly: stop watching, and report the lost peer.
            watch(token, interest: 0)
            return Completion(.receive, token: token, result: -ECONNRESET, isFinal: true)
        }
        // Still watched after a receive that has ended, in case another followed at once.
        updateInterest(token)
        return nil
    }

    private mutating func receive(_ token: Token, _ mode: Operation.ReceiveMode) -> Completion? {
        // One buffer is enough: the reactor releases it before it asks for the next completion.
        let limit =
            switch mode {
            case .multishot: EpollDriver.receiveByteCount
            case .once: Operation.smallReceiveByteCount
            case .onceLarge: Operation.largeReceiveByteCount
            }
        let count = unsafe recv(sockets[token.slot].descriptor, receiveBuffer.baseAddress, limit, 0)
        let failure = errno
        if count > 0 {
            buffersInUse += 1
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: receiveBuffer[..<count])
            if mode != .multishot { sockets[token.slot].receiving = nil }
            return unsafe Completion(received: token, isFinal: mode != .multishot, bytes: bytes, bufferID: 0)
        }
        if count < 0, failure == EAGAIN || failure == EINTR { return nil }
        sockets[token.slot].receiving = nil
        updateInterest(token)
        return Completion(.receive, token: token, result: count == 0 ? 0 : -failure, isFinal: true)
    }

    private func millisecondsUntilTimer() -> Int32 {
        guard let timerDeadline else { return -1 }
        let nanoseconds = max(timerDeadline - Clock.nanoseconds(), 0)
        return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }
}
