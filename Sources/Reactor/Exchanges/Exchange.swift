import HTTP1
public import HTTPCore
import Platform
import Synchronization

/// One request whose handler runs apart from its connection: on the reactor as a Swift task, or on a thread that may
/// block. Through it the handler reads the request's body and writes its answer, both with back-pressure.
///
/// A task shares the reactor's thread and works on the state below directly, then has the connection looked at. A
/// thread sends messages to the reactor, which does the same for it, and waits for the replies.
open class Exchange: @unchecked Sendable {
    // `@unchecked Sendable`: the state belongs to the reactor's thread, except what `Signal` passes between threads,
    // what is atomic, and what is told apart below.

    /// Where the answer goes.
    public private(set) var ticket: Ticket

    /// The handler reads the body as it comes; otherwise it was there when the handler was called.
    public private(set) var isBodyStreamed = false
    /// What is to come of a body that is streamed. The reactor writes, and a thread may read a value that is too
    /// careful: then the answer says that the connection ends, and it does.
    private let rest = Atomic<UInt8>(BodyRest.short.rawValue)
    /// Bytes of the body that were received and not read yet.
    var body = ByteBuffer()
    /// Set once the last byte of the body is in `body`.
    var isBodyComplete = true
    /// The trailer lines, from when the body is complete.
    var trailers = ByteBuffer()
    /// The handler has been told of the end of the body: the trailers are its own now.
    var isEndRead = false
    /// The handler has asked for the body.
    var isBodyWanted = false
    var bodyWaiter: Waiter?
    /// Set while a reader is in one of the functions that wait for the body. Any thread.
    private let isBeingRead = Atomic<Bool>(false)

    /// Answer bytes that the connection has not taken over yet.
    public var output = OutputQueue()
    /// Answer bytes that the connection had and the kernel had not taken when last looked at.
    var unsentByteCount = 0
    var roomWaiter: Waiter?
    /// How the answer ended.
    var ending: Ending?
    /// Part of an answer was taken over by the connection.
    var hasBegunAnswer = false
    /// The kernel has taken some of that part.
    var hasSentAnswer = false

    /// In the executor's list.
    var isNoted = false
    /// The task that the handler runs in, to be cancelled with the request.
    var task: Task<Void, Never>?
    /// The same, kept for the next request.
    var worker: Task<Void, Never>?

    /// For a handler on a thread of its own: where it waits for the body, and for room to write to. It may leave one of
    /// them to another thread.
    let bodySignal: Signal?
    let roomSignal: Signal?
    /// Bytes written since the thread last heard that there is room. The thread's own.
    var writtenByteCount = 0

    /// Why the connection is lost to the handler. Written before `isOver` is set, read after.
    private var failure = StreamError.disconnected
    private let over = Atomic<Bool>(false)
    /// What the client got; see `Fate`.
    private let fate = Atomic<UInt16>(Fate.open)

    /// Values of `fate`. Any other is the status code of what the client got in place of the handler's response.
    private enum Fate {
        static let open: UInt16 = 0
        /// The handler's response, whole or in part.
        static let ownResponse: UInt16 = 1
    }

    /// Stands for "no response was sent": the client left, or the server closed the connection. No response carries it;
    /// logs do, since nginx began it.
    public static let noResponseStatus: UInt16 = 499

    /// Who waits, and how to tell them.
    @safe
    enum Waiter {
        // Resumed exactly once: whoever calls `wake` takes the waiter away first.
        case task(UnsafeContinuation<Void, Never>)
        case thread
    }

    /// How a handler ended its answer.
    enum Ending {
        case answered(keepsAlive: Bool)
        /// The answer is incomplete, and the client must notice.
        case aborted
    }

    /// Creates an exchange for a handler that blocks, or for one that is a task.
    ///
    /// - Parameter isBodyStreamed: whether the handler reads the body as it comes.
    public init(ticket: Ticket, isBlocking: Bool, isBodyStreamed: Bool) {
        self.ticket = ticket
        self.isBodyStreamed = isBodyStreamed
        rest.store(ticket.encoder.bodyRest.rawValue, ordering: .relaxed)
        bodySignal = isBlocking ? Signal() : nil
        roomSignal = isBlocking ? Signal() : nil
    }

    /// What an answer that begins now leaves of the body. Any thread.
    // Relaxed: nothing else is read by what it says, and a value from before is right too.
    final var bodyRest: BodyRest { BodyRest(rawValue: rest.load(ordering: .relaxed)) ?? .unasked }

    /// More of the body has come, or was asked for. The reactor's thread.
    final func note(_ rest: BodyRest) { self.rest.store(rest.rawValue, ordering: .relaxed) }

    /// Whether the connection serves this exchange no more. Any thread.
    // Acquire: pairs with the release in `end`, which publishes `failure`.
    public final var isOver: Bool { over.load(ordering: .acquiring) }

    /// Takes the one place of a reader of the body, until `endReading`. Throws if somebody else has it. Any thread.
    // Acquire: pairs with the release in `endReading`, which publishes what the last reader has left.
    final func beginReading() throws(StreamError) {
        if isBeingRead.exchange(true, ordering: .acquiring) { throw .usedConcurrently }
    }

    /// Gives the place back that `beginReading` has taken.
    final func endReading() { isBeingRead.store(false, ordering: .releasing) }

    /// Throws if the connection serves this exchange no more. Any thread.
    final func checkConnection() throws(StreamError) {
        if isOver { throw failure }
    }

    /// The handler has made its response. Returns nil if the client gets it, also if the client has left in the middle
    /// of it; else the status code of what the client got in its place. Once, by the handler, before its last word.
    // Relaxed: the code is all there is, and a read-modify-write sees the latest.
    public final func takeReplacement() -> UInt16? {
        let (isFirst, before) = fate.compareExchange(
            expected: Fate.open, desired: Fate.ownResponse, ordering: .relaxed)
        return isFirst || before == Fate.ownResponse ? nil : before
    }

    /// Whether the client may be sent a response with this status code in place of the handler's, which is not complete
    /// yet. The reactor's thread.
    final func replace(by status: UInt16) -> Bool {
        // Relaxed, as above.
        fate.compareExchange(expected: Fate.open, desired: status, ordering: .relaxed).exchanged
    }

    /// The connection is done with this exchange, or gone: whoever waits for it is told, and its task is cancelled
    /// unless it has answered. The reactor's thread; again is harmless.
    ///
    /// - Parameter status: of the response that the client gets instead, unless the handler's has begun.
    final func end(_ reason: StreamError, status: UInt16 = Exchange.noResponseStatus) {
        guard !isOver else { return }
        _ = replace(by: hasSentAnswer ? Fate.ownResponse : status)
        // A thread may have found the reactor gone, and read this already.
        if reason != .disconnected { failure = reason }
        over.store(true, ordering: .releasing)
        if body.capacity > 0 { body = ByteBuffer() }
        wake(bodyWaiter.take(), nil)
        wake(roomWaiter.take(), nil)
        // Both, whether or not somebody waits: a thread may be about to, and waits no more once it is over.
        bodySignal?.signal()
        roomSignal?.signal()
        if ending == nil { task?.cancel() }
        task = nil
        didEnd()
    }

    /// The exchange has ended. For a subclass that wants to be used again.
    open func didEnd() {}

    /// Nobody needs the exchange any more: its task is to end. For a subclass that kept itself for another use.
    open func dismiss() {}

    /// Becomes the exchange of another request. Only when no reader or writer of the last one can still be around.
    public final func reset(_ ticket: Ticket, isBodyStreamed: Bool) {
        self.ticket = ticket
        self.isBodyStreamed = isBodyStreamed
        rest.store(ticket.encoder.bodyRest.rawValue, ordering: .relaxed)
        isBodyComplete = true
        isBodyWanted = false
        unsentByteCount = 0
        ending = nil
        hasBegunAnswer = false
        hasSentAnswer = false
        isEndRead = false
        if !trailers.isEmpty { trailers.removeAll() }
        if !output.isEmpty { output.removeAll() }
        task = worker
        failure = .disconnected
        // Relaxed: an exchange that is used again is known to the reactor's thread alone.
        over.store(false, ordering: .relaxed)
        fate.store(Fate.open, ordering: .relaxed)
    }

    /// The reactor is gone: no reply will come. The thread's own call, before it waits.
    final func endWithReactor() {
        _ = replace(by: Exchange.noResponseStatus)
        over.store(true, ordering: .releasing)
    }

    /// Tells who waits, if somebody does.
    final func wake(_ waiter: consuming Waiter?, _ signal: Signal?) {
        switch waiter {
        case .task(let continuation): unsafe continuation.resume()
        case .thread: signal?.signal()
        case nil: break
        }
    }
}

/// Where a thread waits for the reactor, with what it is told.
final class Signal: @unchecked Sendable {
    // `@unchecked Sendable`: the reactor writes `bytes` and `isComplete` before it signals, the thread reads them
    // after its wait, and the reactor writes again only after the thread has asked again.
    var bytes = ByteBuffer()
    var isComplete = false
    private let semaphore = Semaphore()

    func signal() { semaphore.signal() }

    func wait() { semaphore.wait() }
}
