import CLockFree
import Glibc
import HTTPCore

/// A message of a handler elsewhere to the reactor whose connection waits for it: a node of the lock-free list, with
/// what the handler wrote.
@safe
struct Answer: ~Copyable {
    // First, so that a pointer to the node is a pointer to its link.
    fileprivate var link = unsafe hs_completion()
    let token: Token
    var output: OutputQueue
    let step: Step
    let exchange: Exchange

    /// What the handler has done.
    enum Step {
        /// It is done; what is in the output is the answer's end.
        case finished(keepsAlive: Bool)
        /// It gave up in the middle of its answer.
        case aborted
        /// More of the answer follows.
        case output
        /// The same, and it waits until there is room for more.
        case outputAwaited
        /// It waits for the body.
        case wantsBody
        /// Its task was cancelled, and waits no more.
        case cancelsWaits
    }

    init(token: Token, output: consuming OutputQueue, step: Step, exchange: Exchange) {
        self.token = token
        self.output = output
        self.step = step
        self.exchange = exchange
    }
}

/// The list of answers that other threads have finished, for one reactor.
@safe
final class AnswerQueue: @unchecked Sendable {
    // `@unchecked Sendable`: the list is lock-free and made to be shared. Nodes are owned by whoever holds them: the
    // pusher until the push, the list until the take, the taker after it.
    private let list: OpaquePointer

    init() {
        guard let created = unsafe hs_completions_create() else { fatalError("out of memory") }
        unsafe list = created
    }

    deinit {
        while takeBatch({ _ in }) {}
        unsafe hs_completions_destroy(list)
    }

    /// Hands an answer over; any thread. Returns whether the reactor has to be woken: whoever finds the list empty
    /// does it, so a reactor is woken once for a batch.
    func push(_ answer: consuming Answer) -> Bool {
        let node = UnsafeMutablePointer<Answer>.allocate(capacity: 1)
        unsafe node.initialize(to: answer)
        return unsafe hs_completions_push(
            list, UnsafeMutableRawPointer(node).assumingMemoryBound(to: hs_completion.self))
    }

    /// Calls `body` with each answer there is, oldest first. Returns whether there were any. The reactor's thread, and
    /// others after its end: a batch is taken as a whole, by one of them.
    func takeBatch(_ body: (inout Answer) -> Void) -> Bool {
        var next = unsafe hs_completions_take(list)
        guard unsafe next != nil else { return false }
        while let link = unsafe next {
            unsafe next = link.pointee.next
            // Made by `push`, which put the link first.
            let node = unsafe UnsafeMutableRawPointer(link).assumingMemoryBound(to: Answer.self)
            unsafe body(&node.pointee)
            unsafe node.deinitialize(count: 1)
            unsafe node.deallocate()
        }
        return true
    }
}

/// Where a response that comes later has to go: to which connection of which reactor.
public struct Ticket: Sendable {
    let token: Token
    let mailbox: ReactorMailbox

    /// Runs tasks on the thread of the connection's reactor.
    public var executor: ReactorExecutor { mailbox.executor }
}
