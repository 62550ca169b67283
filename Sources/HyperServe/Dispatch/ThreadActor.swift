import Platform
import Synchronization
import ThreadPool

/// What async middlewares of a blocking handler are isolated to: its executor runs their code on the handler's own
/// thread, which may block.
actor ThreadActor: ThreadBoundActor {
    private nonisolated let executor = ThreadExecutor()
    private var entryCount = 0

    /// The executor of the thread.
    // Unowned: this actor retains it, and whatever is isolated to the actor retains that.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    nonisolated var isCurrent: Bool { executor.isCurrent }

    func enter() { entryCount &+= 1 }

    /// Calls an async function, and blocks the calling thread until it returns. Meanwhile the thread runs the
    /// function's own code, and sleeps while that waits for something.
    static func wait(
        _ request: borrowing Request, _ context: inout RequestContext,
        _ body: nonisolated(nonsending) (ThreadActor, borrowing Request, inout RequestContext) async throws -> Response
    ) throws -> Response {
        let actor = ThreadActor()
        let outcome = Outcome()
        let lifecycle = context.lifecycle
        // The arguments stay in place until the task has ended, for which `runJobs` waits.
        withoutActuallyEscaping(body) { body in
            unsafe withUnsafePointer(to: request) { request in
                unsafe withUnsafeMutablePointer(to: &context) { context in
                    let call = unsafe Call(request: request, context: context, body: body)
                    actor.assumeIsolated { $0.start(call, of: lifecycle, outcome) }
                    actor.executor.runJobs { outcome.result != nil }
                }
            }
        }
        guard let result = outcome.result else { preconditionFailure("the jobs have run until there was a result") }
        return try result.get()
    }

    private func start(_ call: sending Call, of lifecycle: ServerLifecycle, _ outcome: Outcome) {
        Task(priority: .userInitiated) {
            enter()
            do {
                outcome.result = .success(
                    try await ServerTask.$lifecycle.withValue(lifecycle) { try await call(self) })
            } catch {
                outcome.result = .failure(error)
            }
        }
    }

    /// The call, with its arguments on the stack of the thread.
    @safe
    private struct Call: @unchecked Sendable {
        // `@unchecked Sendable`: the thread that created it waits, and only its task uses it.
        let request: UnsafePointer<Request>
        let context: UnsafeMutablePointer<RequestContext>
        let body:
            nonisolated(nonsending) (ThreadActor, borrowing Request, inout RequestContext) async throws -> Response

        func callAsFunction(_ actor: ThreadActor) async throws -> Response {
            // Valid while the thread waits.
            try await unsafe body(actor, request.pointee, &context.pointee)
        }
    }

    private final class Outcome: @unchecked Sendable {
        // `@unchecked Sendable`: used on the actor's thread only.
        var result: Result<Response, any Error>?
    }
}

/// Runs jobs on the thread that created it, while that waits for them.
final class ThreadExecutor: SerialExecutor {
    private let thread = Thread.currentNumber
    private let jobs = Mutex(Jobs())
    private let arrivals = Parking()
    private let strays = StrayJobs()
    /// Called when a job was queued, before the thread is woken: where a test lets the thread be quicker.
    private let whenQueued: (@Sendable () -> Void)?

    private struct Jobs {
        var queued: [UnownedJob] = []
        /// Whether the thread has stopped to wait. Later jobs are strays.
        var isRetired = false
    }

    init(whenQueued: (@Sendable () -> Void)? = nil) {
        self.whenQueued = whenQueued
    }

    var isCurrent: Bool { thread == Thread.currentNumber }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    func checkIsolated() { precondition(isCurrent, "not on the thread of the handler") }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A thread that is awake may take the job at once, run it to the end of the task, and release this.
        retaining(self) {
            let isRetired = jobs.withLock { jobs in
                if !jobs.isRetired { jobs.queued.append(job) }
                return jobs.isRetired
            }
            whenQueued?()
            if isRetired { strays.add(job, of: self) } else { arrivals.wakeOne() }
        }
    }

    /// Runs jobs until `isDone`; sleeps while there are none. On its thread.
    func runJobs(until isDone: () -> Bool) {
        while !isDone() {
            for job in takeJobs() { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
            guard !isDone() else { break }
            arrivals.announce()
            // A job may have come before the announcement was visible.
            if jobs.withLock({ $0.queued.isEmpty }) {
                _ = ThreadPool.whileWaiting { arrivals.wait(timeoutNanoseconds: nil) }
            } else {
                _ = arrivals.cancel()
            }
        }
        let rest = jobs.withLock { jobs in
            jobs.isRetired = true
            return jobs.queued
        }
        for job in rest { strays.add(job, of: self) }
    }

    private func takeJobs() -> [UnownedJob] {
        jobs.withLock { jobs in
            defer { jobs.queued = [] }
            return jobs.queued
        }
    }
}
