/// An operation that a reactor submits to a driver. The completions of an operation carry the token it was submitted
/// with.
@safe
package enum Operation {
    /// Accepts connections from a listening socket until it is cancelled. Each is a completion; its result is the
    /// connection's descriptor.
    ///
    /// With `once`, the operation ends with the first connection. A driver that accepts a connection only when its
    /// completion is asked for may continue instead. With `sharesQueue`, other reactors accept from the same socket,
    /// and the driver gives them precedence after each connection; see `Listener.sharesQueue`.
    case accept(descriptor: Int32, once: Bool, sharesQueue: Bool)
    /// Receives into a buffer of the driver's. A driver may report a lost connection with a failed receive although
    /// none is under way, so that the reactor closes it.
    case receive(descriptor: Int32, ReceiveMode)
    /// Sends bytes, which stay in place until the completion. The result is the number of bytes sent.
    case send(descriptor: Int32, bytes: UnsafeRawBufferPointer, SendMode)
    /// Cancels accepting or receiving. Completions that are already under way are still delivered; the last one is
    /// final. A receive of mode `onceLarge` may end by itself instead.
    case cancel(Kind)
    /// Ends one or both directions (`SHUT_WR`, `SHUT_RDWR`) at once. Nothing completes.
    case shutdown(descriptor: Int32, direction: Int32)
    /// Closes a descriptor on which no operation is under way. Nothing completes.
    case close(descriptor: Int32)
    /// Completes each time the eventfd was written, until the driver is destroyed.
    case wake(descriptor: Int32)
    /// Completes once, after this time. At most one may be under way.
    case timer(nanoseconds: Int64)
    /// Completes in the next turn, after every failure of the sends before it.
    case barrier

    /// When a receive ends, other than by the peer's FIN or an error.
    package enum ReceiveMode: Sendable {
        /// When it is cancelled.
        case multishot
        /// With the first bytes. A driver to which that makes no difference may continue.
        case once
        /// With the first bytes, of which it takes up to `largeReceiveByteCount`.
        case onceLarge
    }

    /// How much a send reports.
    package enum SendMode: Sendable {
        /// It completes, and may complete short.
        case reported
        /// It is tried at once, and completes only if the kernel did not take all of it; see `Driver.hasReportedSends`.
        case quiet
        /// It completes, and its last packet waits for what follows at once: another send, or the FIN of `shutdown` or
        /// `close`.
        case more
    }

    /// The number of bytes that a receive of mode `once` takes at least, if there are as many.
    package static let smallReceiveByteCount = 4096
    /// The maximum number of bytes of a receive of mode `onceLarge`: a peer that sends much needs few receives.
    package static let largeReceiveByteCount = 64 * 1024

    /// The kind of a completion; also the tag in its `user_data`.
    package enum Kind: UInt8, Sendable {
        /// A connection was accepted, or accepting ended with an error.
        case accept = 1
        /// Bytes arrived, the peer has finished (result 0), or receiving ended with an error.
        case receive
        /// Bytes were sent, or a send failed.
        case send
        /// A quiet send was short or failed.
        case quietSend
        /// Another thread has woken the reactor through its eventfd.
        case wake
        /// Another thread has woken the reactor through its ring.
        case message
        /// The time of `timer` has passed.
        case timer
        /// Tags an operation of which a driver drops the completion.
        case ignored
        /// Every failure of the sends before it was reported.
        case barrier
        /// Tags a receive of mode `onceLarge` for io_uring; it completes as `receive`.
        case largeReceive
    }
}

/// One finished step of an operation.
@safe
package struct Completion {
    package let kind: Operation.Kind
    package let token: Token
    /// What the system call would have returned: bytes or a descriptor, or a negated errno.
    let result: Int32
    /// Whether the operation has ended. False only while a multishot operation continues.
    let isFinal: Bool
    /// The bytes received; valid until the completion is released to its driver.
    let bytes: UnsafeRawBufferPointer
    /// The provided buffer that holds `bytes`, or -1.
    let bufferID: Int32

    /// Creates a completion without bytes.
    package init(_ kind: Operation.Kind, token: Token, result: Int32, isFinal: Bool) {
        self.kind = kind
        self.token = token
        self.result = result
        self.isFinal = isFinal
        unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        bufferID = -1
    }

    /// Creates the completion of a receive into a buffer of the driver's.
    @unsafe
    package init(received token: Token, isFinal: Bool, bytes: UnsafeRawBufferPointer, bufferID: Int32) {
        kind = .receive
        self.token = token
        result = Int32(truncatingIfNeeded: bytes.count)
        self.isFinal = isFinal
        unsafe self.bytes = unsafe bytes
        self.bufferID = bufferID
    }
}
