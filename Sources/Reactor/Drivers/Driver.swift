import CPlatform
import Glibc
package import Platform

/// The kernel interface under a reactor: submits operations, hands back completions. Two exist here, io_uring and
/// epoll; a third, which needs no kernel, is in the test client.
///
/// A driver belongs to one thread. It never calls back: the reactor asks for completions one by one, so that handling
/// one may start new operations. Descriptors passed in stay open until `close` is called here.
package protocol Driver: ~Copyable {
    static var kind: DriverKind { get }

    /// Monotonic nanoseconds, which deadlines are measured in.
    var nanoseconds: Int64 { get }
    /// Seconds since 1970-01-01 00:00:00 UTC, which answers are dated with.
    var unixSeconds: Int { get }

    /// Accepts on a listening socket until `stopAccepting`; each connection is an `accept` completion with this token.
    /// A completion with `isFinal` means that the kernel stopped and `startAccepting` must be called again.
    ///
    /// With `sharesQueue`, other reactors accept from the same socket, and the driver lets them go first after each
    /// connection: see `Listener.sharesQueue`.
    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool)

    /// As `startAccepting`, but ends with the first connection: its completion has `isFinal`. A driver that accepts
    /// none before the last one was handed out may go on.
    mutating func acceptOnce(_ token: Token, descriptor: Int32, sharesQueue: Bool)

    /// Ends accepting. A last `accept` completion with `isFinal` follows if accepting was under way.
    mutating func stopAccepting(_ token: Token)

    /// Receives into buffers of the driver's own until `stopReceiving`, the peer's end, or an error. A completion
    /// with `isFinal` ends it; nothing more of this operation follows.
    mutating func startReceiving(_ token: Token, descriptor: Int32)

    /// As `startReceiving`, but ends by itself with the first bytes: their completion has `isFinal`. A driver to which
    /// that makes no difference may go on.
    mutating func receiveOnce(_ token: Token, descriptor: Int32)

    /// As `receiveOnce`, behind all others, for a connection that gets more than its share of the turns. A driver that
    /// shares its turns in any case may go on.
    mutating func receiveBulk(_ token: Token, descriptor: Int32)

    /// Ends receiving: completions already on their way still come, the last with `isFinal`.
    mutating func stopReceiving(_ token: Token)

    /// Sends `bytes`, which must stay where they are until the `send` completion. May complete short.
    ///
    /// With `isAwaited` false the completion may come as late as the next turn that something else brings about: for
    /// sends that nothing waits for.
    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool)

    /// Has the completions of sends that are not awaited come without anything else bringing a turn about.
    mutating func awaitSends()

    /// As an awaited `send`, but the last packet waits for what follows at once: another send, or `shutdown` or
    /// `close`, which put FIN into it.
    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer)

    /// Ends one or both directions (`SHUT_WR`, `SHUT_RDWR`) at once.
    mutating func shutdown(descriptor: Int32, direction: Int32)

    /// Closes the descriptor. No operation may be pending on it.
    mutating func close(_ token: Token, descriptor: Int32)

    /// Completes with `wake` whenever the eventfd is written, until the driver goes.
    mutating func watchWake(descriptor: Int32)

    /// The ring that other threads may post `message` completions to, or -1 if this driver has none.
    var ringDescriptor: Int32 { get }

    /// Asks for one `timer` completion after `nanoseconds`. At most one may be pending.
    mutating func setTimer(nanoseconds: Int64)

    /// Submits what was queued and blocks until there is at least one completion. One system call. May be called again
    /// after an error; completions that are there nonetheless are handed out before.
    mutating func wait() throws(SystemError)

    /// Begins anew after an error of `wait` that lost operations: ends everything that is under way, and every watch.
    /// Sockets stay open. After an error it may be called again.
    mutating func restart() throws(SystemError)

    /// The next completion of this turn, or nil when the turn is over. It must be released before the next `wait`.
    mutating func nextCompletion() -> Completion?

    /// Gives a completion's bytes back.
    mutating func release(_ completion: Completion)

    /// Whether the connection is broken or over in both directions, as `poll` reports with POLLERR and POLLHUP, or has
    /// bytes for the peer that it has left without an answer for longer than `silenceMilliseconds`, unless that is 0.
    /// FIN alone is none of it, nor is a window that the peer keeps closed. One or two system calls, for connections
    /// of which the kernel reports nothing by itself.
    func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool

    /// Bytes of the connection that the peer has acknowledged; 0 if the kernel doesn't know. A system call.
    func acknowledgedByteCount(descriptor: Int32) -> Int

    /// Receive buffers handed out and not yet given back, for leak checks.
    var buffersInUse: Int { get }
}

extension Driver where Self: ~Copyable {
    package var nanoseconds: Int64 { Clock.nanoseconds() }
    package var unixSeconds: Int { Clock.unixSeconds() }

    // Not through the ring: its poll always reports FIN as well.
    package func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool {
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        // One structure, as the count says.
        if unsafe poll(&state, 1, 0) > 0, Int32(state.revents) & (POLLERR | POLLHUP) != 0 { return true }
        return silenceMilliseconds > 0 && hs_peer_is_silent(descriptor, UInt32(clamping: silenceMilliseconds))
    }

    package func acknowledgedByteCount(descriptor: Int32) -> Int {
        Int(clamping: hs_acknowledged_byte_count(descriptor))
    }

    package mutating func acceptOnce(_ token: Token, descriptor: Int32, sharesQueue: Bool) {
        startAccepting(token, descriptor: descriptor, sharesQueue: sharesQueue)
    }

    package mutating func receiveOnce(_ token: Token, descriptor: Int32) {
        startReceiving(token, descriptor: descriptor)
    }

    package mutating func receiveBulk(_ token: Token, descriptor: Int32) {
        startReceiving(token, descriptor: descriptor)
    }

    // For those that never lose an operation.
    package mutating func restart() throws(SystemError) {}

    // For those that complete every send in the turn in which it begins, or in the next, which they have come at once.
    package mutating func awaitSends() {}
}

/// Which driver a reactor runs on.
public enum DriverKind: String, Sendable, CaseIterable {
    case ioUring = "io_uring"
    case epoll
}

/// What a driver needs to know when it is set up.
struct DriverConfiguration: Sendable {
    /// Receive buffers per reactor, a power of two. With `receiveBufferByteCount` it bounds the memory for bytes that
    /// were received and not yet looked at: 1,024 × 4 KiB = 4 MiB, touched only as far as it is used.
    var receiveBufferCount = 1024
    var receiveBufferByteCount = 4096
    /// Submission queue entries; the completion queue has eight times as many.
    var submissionQueueEntries: UInt32 = 512
}

/// One finished step of an operation.
@safe
package struct Completion {
    let operation: Operation
    let token: Token
    /// What the system call would have returned: bytes or a descriptor, or a negated errno.
    let result: Int32
    /// Whether the operation is over. False only while a multishot goes on.
    let isFinal: Bool
    /// The bytes received; valid until the completion is released to its driver.
    let bytes: UnsafeRawBufferPointer
    /// The provided buffer that holds `bytes`, or -1.
    let bufferID: Int32

    /// A completion without bytes.
    package init(_ operation: Operation, token: Token, result: Int32, isFinal: Bool) {
        self.operation = operation
        self.token = token
        self.result = result
        self.isFinal = isFinal
        unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        bufferID = -1
    }

    /// Bytes received in a buffer of the driver's.
    @unsafe
    package init(received token: Token, isFinal: Bool, bytes: UnsafeRawBufferPointer, bufferID: Int32) {
        operation = .receive
        self.token = token
        result = Int32(truncatingIfNeeded: bytes.count)
        self.isFinal = isFinal
        unsafe self.bytes = unsafe bytes
        self.bufferID = bufferID
    }
}
