import CPlatform
import Glibc
package import Platform

/// The kernel interface under a reactor: operations on descriptors go in, completions come out. Two exist here,
/// io_uring and epoll; a third, which needs no kernel, is in the test client.
///
/// A driver has no policy: the order of operations, and how many a turn has, are decided above it. It belongs
/// to one thread. It never calls back: the reactor asks for completions one by one, so that handling one may submit new
/// operations. Descriptors passed in stay open until `close`.
package protocol Driver: ~Copyable {
    static var kind: DriverKind { get }

    /// Monotonic nanoseconds, in which deadlines are measured.
    var nanoseconds: Int64 { get }
    /// Seconds since 1970-01-01 00:00:00 UTC, for the Date of responses.
    var unixSeconds: Int { get }

    /// Begins an operation. Its completions carry `token`.
    mutating func submit(_ operation: Operation, _ token: Token)

    /// Has the kernel see what was submitted, and fetches completions; with `blocks`, waits until there is at least
    /// one. One system call. May be called again after an error; completions that are there nonetheless are handed out
    /// before.
    mutating func wait(blocks: Bool) throws(SystemError)

    /// The next completion of this turn, or nil when the turn is over. It must be released before the next `wait`.
    mutating func nextCompletion() -> Completion?

    /// Gives a completion's bytes back.
    mutating func release(_ completion: Completion)

    /// Whether every quiet send that was submitted before the last `wait` has been tried, and each that failed has a
    /// completion in this turn, if it had none before. If not, the completion of a `barrier` says so later.
    var hasReportedSends: Bool { get }

    /// The completion that comes after `index` others in this turn, which `nextCompletion` has yet to hand out; nil if
    /// there are no more.
    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)?

    /// Begins anew after an error of `wait` that lost operations: ends everything that is under way, and every watch.
    /// Sockets stay open. After an error it may be called again.
    mutating func restart() throws(SystemError)

    /// The ring that other threads may post `message` completions to, or -1 if this driver has none.
    var ringDescriptor: Int32 { get }

    /// Whether the connection is broken or over in both directions, as `poll` reports with POLLERR and POLLHUP, or has
    /// bytes for the peer that it has not acknowledged for longer than `silenceMilliseconds`, unless that is 0.
    /// Neither FIN alone nor a window that the peer keeps closed counts. One or two system calls, for connections of
    /// which the kernel reports nothing by itself.
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

    // For drivers that try every quiet send when it is submitted, and find no failure later.
    package var hasReportedSends: Bool { true }

    // For drivers that never lose an operation.
    package mutating func restart() throws(SystemError) {}
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
