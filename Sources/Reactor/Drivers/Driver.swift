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

    /// Passes submitted operations to the kernel and fetches completions; with `blocks`, waits for at least one. One
    /// system call. May be called again after an error; completions fetched nonetheless must be taken first.
    mutating func wait(blocks: Bool) throws(SystemError)

    /// Returns the next completion of this turn, or nil when the turn is over. It must be released before the next
    /// `wait`.
    mutating func nextCompletion() -> Completion?

    /// Releases a completion's buffer.
    mutating func release(_ completion: Completion)

    /// Whether every quiet send that was submitted before the last `wait` has been tried, and each that failed has a
    /// completion in this turn, if it had none before. If not, the completion of a `barrier` shows it later.
    var hasReportedSends: Bool { get }

    /// Returns the completion of this turn that `nextCompletion` returns after `index` others; nil if there are no
    /// more.
    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)?

    /// Restarts after an error of `wait` that lost operations: ends every operation under way, and every watch. Sockets
    /// stay open. After an error it may be called again.
    mutating func restart() throws(SystemError)

    /// The ring that other threads may post `message` completions to, or -1 if this driver has none.
    var ringDescriptor: Int32 { get }

    /// Returns whether the connection is broken or closed in both directions, as `poll` reports with POLLERR and
    /// POLLHUP, or the peer has not acknowledged bytes for longer than `silenceMilliseconds`, unless that is 0.
    /// Neither FIN alone nor a window that the peer keeps closed counts. One or two system calls, for connections of
    /// which the kernel reports nothing by itself.
    func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool

    /// Returns the number of bytes that the peer has acknowledged; 0 if the kernel doesn't know. One system call.
    func acknowledgedByteCount(descriptor: Int32) -> Int

    /// Returns the number of bytes that a receive would bring now; 0 also after FIN. One system call.
    func unreadByteCount(descriptor: Int32) -> Int

    /// The number of receive buffers in use, for leak checks.
    var buffersInUse: Int { get }
}

extension Driver where Self: ~Copyable {
    package var nanoseconds: Int64 { Clock.nanoseconds() }
    package var unixSeconds: Int { Clock.unixSeconds() }

    // Not through the ring: its poll always reports FIN as well.
    package func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool {
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        // A single structure, which is the count passed.
        if unsafe poll(&state, 1, 0) > 0, Int32(state.revents) & (POLLERR | POLLHUP) != 0 { return true }
        return silenceMilliseconds > 0 && hs_peer_is_silent(descriptor, UInt32(clamping: silenceMilliseconds))
    }

    package func acknowledgedByteCount(descriptor: Int32) -> Int {
        Int(clamping: hs_acknowledged_byte_count(descriptor))
    }

    package func unreadByteCount(descriptor: Int32) -> Int {
        Int(clamping: hs_unread_byte_count(descriptor))
    }

    // For drivers that try every quiet send when it is submitted, and find no failure later.
    package var hasReportedSends: Bool { true }

    // For drivers that never lose an operation.
    package mutating func restart() throws(SystemError) {}
}

/// The drivers that a reactor can run on.
public enum DriverKind: String, Sendable, CaseIterable {
    case ioUring = "io_uring"
    case epoll
}

/// The configuration of a driver.
struct DriverConfiguration: Sendable {
    /// The number of receive buffers per reactor, a power of two. With `receiveBufferByteCount` it bounds the memory
    /// for received bytes that were not handled yet: 1,024 × 4 KiB = 4 MiB, touched only as far as it is used.
    var receiveBufferCount = 1024
    var receiveBufferByteCount = Operation.smallReceiveByteCount
    /// Submission queue entries; the completion queue has eight times as many.
    var submissionQueueEntries: UInt32 = 512
}
