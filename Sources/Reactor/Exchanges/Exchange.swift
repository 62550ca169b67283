public import HTTPCore
import Platform
import Synchronization

/// One request and its response, while the handler runs off its connection: on the reactor as a Swift task, or on
/// another thread, which may block. Through it the handler reads the request's body and writes its response, both with
/// back-pressure.
///
/// A task shares the reactor's thread, so it changes the state below directly and then marks the exchange. A thread
/// sends messages to the reactor, which changes the state, and waits for signals.
// Open, since Swift lets other modules inherit from no other class. Its members are for this package.
open class Exchange: @unchecked Sendable {
    // `@unchecked Sendable`: the state belongs to the reactor's thread, except what `Signal` passes between threads,
    // what is atomic, and what a comment says.

    /// The request on its connection.
    package private(set) final var ticket: Ticket

    /// Whether the handler reads the body as it arrives; otherwise it was complete when the handler was called.
    package private(set) final var isBodyStreamed = false
    /// See `requestState`.
    private let encoderState: Atomic<UInt8>
    final var body = BodyState()
    /// Bytes of the body that were received and that the handler has not read.
    final var bodyBytes = ByteBuffer()
    /// The trailer section, once the body is complete.
    final var trailers = ByteBuffer()
    private let reading = Reading()

    /// Bytes of the response that the connection has not taken yet.
    package final var output = OutputQueue()
    final var response = ResponseState()

    /// Whether the response is a stream of events, which ends when the client sends FIN. Written by the handler before
    /// its response begins, read by both after that.
    final var isEventStream = false

    /// Whether the exchange is in the executor's list of those that were changed.
    final var isMarked = false
    /// The task that the handler runs in; cancelled with the request.
    final var task: Task<Void, Never>?
    /// The same task, kept for the next request.
    final var worker: Task<Void, Never>?

    /// Where a handler on a thread of its own waits for the body, and for room to write. It may leave one of the two to
    /// another thread.
    final let signals: Signals?

    /// Why the exchange has ended. Written before `outcome.isOver` is set, read after.
    private var failure = StreamError.disconnected
    private let outcome = Outcome()

    /// The state of the request's body.
    struct BodyState {
        /// Set once the last byte of the body is in `bodyBytes`.
        var isComplete = true
        /// Set once the handler has asked for the body.
        var isWanted = false
        /// How the body is read, once that has begun. The reader's own.
        var use: BodyUse?
        var waiter: Waiter?
    }

    /// How a body is read, which does not change.
    package enum BodyUse {
        case chunks
        case form
    }

    /// The state of the response.
    struct ResponseState {
        /// Bytes that the connection has taken and that were unsent when last checked.
        var unsentByteCount = 0
        var roomWaiter: Waiter?
        var ending: Ending?
        /// Set once the connection has taken part of the response.
        var hasBegun = false
        /// Set once some of that part has been sent.
        var hasSent = false
        /// Set once a task writes the body while it is sent.
        var isStream = false
    }

    private struct Reading: ~Copyable {
        /// Set while a reader is in one of the functions that wait for the body. Any thread.
        let isUnderWay = Atomic<Bool>(false)
        /// See `isEndRead`.
        let isEndRead = Atomic<Bool>(false)
    }

    private struct Outcome: ~Copyable {
        /// Whether the exchange has ended.
        let isOver = Atomic<Bool>(false)
        /// The response that the client got; see `Fate`.
        let fate = Atomic<UInt16>(Fate.open)
    }

    /// Values of `fate`. Any other is the status code of what the client got in place of the handler's response.
    private enum Fate {
        static let open: UInt16 = 0
        /// The handler's response, whole or in part.
        static let ownResponse: UInt16 = 1
    }

    /// Statuses for "no response was sent". They appear in logs, as in nginx's, but in no response.
    package enum NoResponse {
        /// The client disconnected first.
        package static let clientDisconnected: UInt16 = 499
        /// The server closed the connection: it stopped, or its reactor or ring failed.
        package static let serverClosed: UInt16 = 444
    }

    /// A waiter, and how to resume it.
    enum Waiter {
        // Resumed exactly once: each caller of `wake` removes the waiter first.
        /// A task, and the place in which it waits.
        case task(Int)
        case thread
    }

    /// How a handler ended its response.
    enum Ending {
        case finished(Responded)
        /// The response is incomplete, and the client must notice.
        case aborted
    }

    /// Creates an exchange for a handler that blocks, or for one that is a task.
    ///
    /// - Parameter isBodyStreamed: whether the handler reads the body as it arrives.
    public init(ticket: Ticket, isBlocking: Bool, isBodyStreamed: Bool) {
        self.ticket = ticket
        self.isBodyStreamed = isBodyStreamed
        encoderState = Atomic(ticket.encoder.requestState)
        signals = isBlocking ? Signals() : nil
    }

    /// What the encoder has to know about the request if the response begins now, in a form of the protocol's own. The
    /// protocol sets it on the reactor's thread. Any thread may read it, also an older value, so that must be correct
    /// too.
    // Relaxed: no other memory is read because of it.
    final var requestState: UInt8 {
        get { encoderState.load(ordering: .relaxed) }
        set { encoderState.store(newValue, ordering: .relaxed) }
    }

    /// Whether the connection no longer serves this exchange. Any thread.
    // Acquire: pairs with the release in `end`, which publishes `failure`.
    package final var isOver: Bool { outcome.isOver.load(ordering: .acquiring) }

    /// Whether the calling task is isolated to the reactor's actor, and on its thread: only then may it use the state,
    /// also after it has waited. See `resume(on:)`.
    // With a parameter for the isolation: the optimizer of Swift 6.3.1 crashes on comparisons with `#isolation` itself.
    final func isOnReactor(isolation: isolated (any Actor)? = #isolation) -> Bool {
        isolation === ticket.mailbox.actor && ticket.mailbox.executor.isCurrent
    }

    /// Becomes the only reader of the body, until `endReading`. Throws if there is another, if the end was read, and if
    /// the body was read for another use. Any thread.
    final func beginReading(for use: BodyUse) throws(StreamError) {
        try excludeReaders()
        guard !isEndRead, (body.use ?? use) == use else {
            endReading()
            throw .alreadyRead
        }
        body.use = use
    }

    /// Reserves the body for the reader of a form. Throws if any of it was read, or if it was reserved. Any thread.
    package final func reserveForForm() throws(StreamError) {
        try excludeReaders()
        defer { endReading() }
        guard body.use == nil else { throw .alreadyRead }
        body.use = .form
    }

    // Acquire: pairs with the release in `endReading`, which publishes what the last reader left.
    private func excludeReaders() throws(StreamError) {
        if reading.isUnderWay.exchange(true, ordering: .acquiring) { throw .usedConcurrently }
    }

    /// Whether the handler has read the end of the body, after which `trailers` don't change. Any thread.
    // Release and acquire: publish the trailers.
    final var isEndRead: Bool {
        get { reading.isEndRead.load(ordering: .acquiring) }
        set { reading.isEndRead.store(newValue, ordering: .releasing) }
    }

    /// Lets another reader begin.
    final func endReading() { reading.isUnderWay.store(false, ordering: .releasing) }

    /// Throws if the connection no longer serves this exchange. Any thread.
    final func checkConnection() throws(StreamError) {
        if isOver { throw failure }
    }

    /// Claims the exchange for the handler's own response. Returns nil if the client gets it, even if only in part;
    /// otherwise the status code of the response that the client got in its place. Called once, by the handler, before
    /// it finishes or aborts.
    // Relaxed: the code is all that is shared, and a read-modify-write sees the latest value.
    package final func takeReplacement() -> UInt16? {
        let (isFirst, before) = outcome.fate.compareExchange(
            expected: Fate.open, desired: Fate.ownResponse, ordering: .relaxed)
        return isFirst || before == Fate.ownResponse ? nil : before
    }

    /// Returns whether the client may be sent a response with this status code in place of the handler's, which is not
    /// complete yet. The reactor's thread.
    final func replace(by status: UInt16) -> Bool {
        // Relaxed, as above.
        outcome.fate.compareExchange(expected: Fate.open, desired: status, ordering: .relaxed).exchanged
    }

    /// Ends the exchange when the request or the connection has ended: resumes all waiters, and cancels the task unless
    /// it has responded. The reactor's thread; further calls do nothing.
    ///
    /// - Parameter status: of the response that the client gets instead, unless the handler's has begun.
    final func end(_ reason: StreamError, status: UInt16 = NoResponse.clientDisconnected) {
        guard !isOver else { return }
        _ = replace(by: response.hasSent ? Fate.ownResponse : status)
        // A thread may have found the reactor gone, and read this already.
        let failure = response.ending == nil ? reason : .ended
        if failure != .disconnected { self.failure = failure }
        outcome.isOver.store(true, ordering: .releasing)
        if bodyBytes.capacity > 0 { bodyBytes = ByteBuffer() }
        wake(body.waiter.take(), nil)
        wake(response.roomWaiter.take(), nil)
        // Both, even without a waiter: a thread may be about to wait.
        signals?.body.signal()
        signals?.room.signal()
        if response.ending == nil { task?.cancel() }
        task = nil
        didEnd()
    }

    /// Calls `body` with the head of the request and its bytes, unless nothing has a copy of them. The reactor's
    /// thread, while the connection serves this exchange.
    open func withRequestHead(_ body: (_ head: RequestHead, _ bytes: RawSpan) -> Void) {}

    /// Called when the exchange has ended, for a subclass that can be used again.
    open func didEnd() {}

    /// Called when the exchange is no longer needed, for a subclass whose task waits for another request.
    open func dismiss() {}

    /// Reuses the exchange for another request. The previous request must have no reader or writer left.
    package final func reset(_ ticket: Ticket, isBodyStreamed: Bool) {
        self.ticket = ticket
        self.isBodyStreamed = isBodyStreamed
        requestState = ticket.encoder.requestState
        // Each as a whole: Swift checks every access to them.
        isEventStream = false
        body = BodyState()
        response = ResponseState()
        isEndRead = false
        if !trailers.isEmpty { trailers.removeAll() }
        if !output.isEmpty { output.removeAll() }
        task = worker
        failure = .disconnected
        // Relaxed: an exchange that is used again is known to the reactor's thread alone.
        outcome.isOver.store(false, ordering: .relaxed)
        outcome.fate.store(Fate.open, ordering: .relaxed)
    }

    /// Ends the exchange if the reactor has ended and will send no signal. Called by the thread before it waits.
    final func endWithReactor() {
        _ = replace(by: NoResponse.serverClosed)
        outcome.isOver.store(true, ordering: .releasing)
    }

    /// Resumes a waiter, if there is one.
    final func wake(_ waiter: consuming Waiter?, _ signal: Signal?) {
        switch waiter {
        case .task(let place): ticket.mailbox.executor.resume(place)
        case .thread: signal?.signal()
        case nil: break
        }
    }
}
