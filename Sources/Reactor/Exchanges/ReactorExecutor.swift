import Glibc
import Platform
import Synchronization

/// Runs the jobs of a `ReactorActor` on its reactor's thread: the tasks of async handlers start, resume and end there.
///
/// Jobs that the thread makes itself, which is nearly all, go into a plain array and cost no wake-up. Jobs from
/// other threads (a timer of the runtime, another actor) go through a lock-free list and wake the reactor.
@safe
public final class ReactorExecutor: SerialExecutor, @unchecked Sendable {
    // `@unchecked Sendable`: `jobs`, `next`, `marked`, `spares` and `taskCount` belong to the reactor's thread. The
    // list is lock-free and made to be shared; `forwarding` is held by the thread that empties it after the end.

    /// Jobs that one turn runs before the reactor returns to its sockets.
    private static let jobsPerTurn = 1024
    /// Idle exchanges that are kept, each with a task and room for a request.
    private static let maximumSpareCount = 256

    private var jobs: [(job: UnownedJob, wasWaiting: Bool)] = []
    private let waiting = WaitingTasks()
    /// The first of `jobs` that has not run.
    private var next = 0
    /// Exchanges that a task has changed, and whose connections have to handle the change.
    private var marked: [Exchange] = []
    /// Exchanges between two uses, so that a warm reactor allocates none.
    private var spares: [Exchange] = []
    /// Tasks that were started and have neither ended nor become idle.
    private(set) var taskCount = 0

    /// Jobs from other threads that were not taken over yet.
    private let remote = MPSCQueue<UnownedJob>()
    private let thread = Atomic<UInt>(0)
    private let isRetired = Atomic<Bool>(false)
    /// Held by the thread that empties `remote` after the reactor's end.
    private let forwarding = Locked(())
    private let strays = StrayJobs()
    /// Wakes the reactor.
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// Whether the calling thread is the reactor's.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    public func checkIsolated() { precondition(isCurrent, "not on the thread of the reactor") }

    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        if isCurrent, !isRetired.load(ordering: .relaxed) {
            jobs.append((unowned, false))
        } else {
            enqueueRemotely(unowned)
        }
    }

    private func enqueueRemotely(_ job: UnownedJob) {
        // The reactor may run the job at once, and end with its server, which releases this.
        retaining(self) {
            let isFirst = remote.push(job)
            // Pairs with the fence in `retire`: either that sees this job, or this sees the end of the reactor.
            atomicMemoryFence(ordering: .sequentiallyConsistent)
            if isRetired.load(ordering: .relaxed) {
                forwardStrays()
            } else if isFirst {
                wake()
            }
        }
    }
}

// MARK: - The reactor's side

extension ReactorExecutor {
    /// Makes the calling thread the reactor's.
    func adoptThread() {
        // Relaxed: other threads need only see that it isn't theirs, and this thread sees its own store.
        thread.store(UInt(pthread_self()), ordering: .relaxed)
    }

    /// Whether there are no jobs and no changed exchanges.
    var isIdle: Bool { jobs.isEmpty && marked.isEmpty }

    /// Takes over the jobs from other threads.
    func takeRemoteJobs() {
        _ = remote.takeBatch { jobs.append(($0, false)) }
    }

    /// Runs the jobs in the queue and those that they add, up to a turn's limit.
    func runJobs() {
        var left = ReactorExecutor.jobsPerTurn
        while next < jobs.count, left > 0 {
            let job = jobs[next]
            next += 1
            left -= 1
            let executor = unsafe job.wasWaiting ? waiting.unownedExecutor : asUnownedSerialExecutor()
            unsafe job.job.runSynchronously(on: executor)
        }
        if next == jobs.count {
            jobs.removeAll(keepingCapacity: true)
        } else {
            jobs.removeFirst(next)
        }
        next = 0
    }

    /// Reserves a place for the calling task to wait in, on the reactor's thread. It must call `wait` next.
    public func reserveWaitingPlace() -> Int { waiting.reserve() }

    /// Waits until `resume` is called with the reserved place.
    public nonisolated(nonsending) func wait() async { await waiting.wait() }

    /// Resumes the task that waits in a place; on the reactor's thread.
    public func resume(_ place: Int) { jobs.append((waiting.take(place), true)) }

    /// Marks an exchange as changed: its connection handles the change in this turn.
    func mark(_ exchange: Exchange) {
        guard !exchange.isMarked else { return }
        exchange.isMarked = true
        marked.append(exchange)
    }

    /// Calls `body` with each changed exchange, and empties the list.
    func takeMarked(_ body: (Exchange) -> Void) {
        // `body` may mark exchanges again; those follow.
        var index = 0
        while index < marked.count {
            let exchange = marked[index]
            exchange.isMarked = false
            body(exchange)
            index += 1
        }
        marked.removeAll(keepingCapacity: true)
    }

    /// Counts a task that starts, or that continues with another request.
    public func resumeTask() { taskCount += 1 }

    /// Keeps an exchange with an idle task for another request, or dismisses it if there are enough.
    public func keep(_ exchange: Exchange) {
        if spares.count < ReactorExecutor.maximumSpareCount { spares.append(exchange) } else { exchange.dismiss() }
    }

    /// Returns an exchange to use again, if there is one.
    public func takeSpare() -> Exchange? { spares.popLast() }

    /// Records that a task has finished its request; on the reactor's thread, or on another after the reactor's end.
    func taskEnded() {
        if isCurrent { taskCount -= 1 }
    }

    /// Retires the executor with its reactor: remaining and later jobs run on the threads of the Swift runtime, one at
    /// a time, since they are isolated to an actor.
    func retire() {
        for spare in spares { spare.dismiss() }
        spares = []
        isRetired.store(true, ordering: .relaxed)
        // Pairs with the fence in `enqueueRemotely`.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        for job in jobs[next...] {
            // One that waited does no more on its executor than to return to this one.
            if job.wasWaiting {
                unsafe job.job.runSynchronously(on: waiting.unownedExecutor)
            } else {
                strays.add(job.job, of: self)
            }
        }
        jobs = []
        next = 0
        marked = []
        forwardStrays()
        // Another thread may get this one's number.
        thread.store(0, ordering: .relaxed)
    }

    private func forwardStrays() {
        forwarding.withLock { _ in _ = remote.takeBatch { strays.add($0, of: self) } }
    }
}
