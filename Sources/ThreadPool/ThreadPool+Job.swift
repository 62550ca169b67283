import Synchronization

extension ThreadPool {
    /// Work that runs once on a worker thread, as an object.
    ///
    /// Subclass it where a closure would cost too much: `submit(_: Job)` allocates nothing, so the input and the result
    /// of the job can be in the one object that the caller creates, or reuses. A job can be submitted again after `run`
    /// or `discard` was called, but not while it waits.
    ///
    /// Exactly one of `run` and `discard` is called for each submission that did not throw.
    open class Job: @unchecked Sendable {
        // `@unchecked Sendable`: one thread uses the job at a time. The submitter writes before the push, which
        // releases; the worker reads after the pop, which acquires.

        final var submission = Submission()

        /// Creates a job that has not been submitted.
        public init() {}

        /// Does the work, on a worker thread, where it may block. An error is counted and dropped.
        open func run() throws {}

        /// Called instead of `run` if the pool shuts down before the job is run, on the thread that calls
        /// `shutdown`, or if the job has waited for too long, on the pool's monitor. Must not block.
        open func discard(_ reason: DiscardReason) {}
    }

    /// The reason why a job was not run although it was accepted.
    public enum DiscardReason: Sendable {
        /// The pool was shut down.
        case shutDown
        /// It has waited for `Configuration.maximumWait` while every thread was busy.
        case waitedTooLong
    }
}

/// A job with a closure: the one object that `submit { … }` allocates.
final class ClosureJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: a constant that is itself `Sendable`.
    private let body: @Sendable () throws -> Void

    init(_ body: @escaping @Sendable () throws -> Void) {
        self.body = body
    }

    override func run() throws {
        try body()
    }
}

private enum AwaitedJobState: UInt8, AtomicRepresentable {
    case new, waiting, taken
}

/// A job that a task awaits: it resumes the task with the result of the closure, or of the task's cancellation if that
/// comes first.
final class AwaitedJob<Value: Sendable>: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: `state` decides which thread may use the rest. Before it has left `new`, that is the
    // task's; then the thread that enters `taken`, once.
    private let state = Atomic<AwaitedJobState>(.new)
    private var body: (@Sendable () throws -> Value)?
    private var continuation: CheckedContinuation<Value, any Error>?

    init(_ body: @escaping @Sendable () throws -> Value) {
        self.body = body
    }

    /// Submits the job, and resumes the continuation when it is over.
    func submit(to scheduler: Scheduler, _ continuation: CheckedContinuation<Value, any Error>) {
        self.continuation = continuation
        // Releasing: publishes the continuation to the thread that takes it.
        guard state.compareExchange(expected: .new, desired: .waiting, ordering: .releasing).exchanged
        else { return continuation.resume(throwing: CancellationError()) }
        do throws(ThreadPool.SubmitError) {
            try scheduler.submit(QueuedJob(self))
        } catch {
            take()?.continuation.resume(throwing: error)
        }
    }

    /// Resumes the task, unless the closure has begun. Any thread.
    func cancel() {
        // Relaxed: `submit`, which sees it, reads nothing else because of it.
        if state.compareExchange(expected: .new, desired: .taken, ordering: .relaxed).exchanged { return }
        take()?.continuation.resume(throwing: CancellationError())
    }

    override func run() throws {
        guard let (body, continuation) = take() else { return }
        let value: Value
        do {
            value = try body()
        } catch {
            continuation.resume(throwing: error)
            throw error
        }
        continuation.resume(returning: value)
    }

    override func discard(_ reason: ThreadPool.DiscardReason) {
        let error: ThreadPool.SubmitError = reason == .shutDown ? .shutDown : .waitedTooLong
        take()?.continuation.resume(throwing: error)
    }

    /// Returns the closure and the continuation to the first caller.
    private func take() -> (body: @Sendable () throws -> Value, continuation: CheckedContinuation<Value, any Error>)? {
        // Acquiring: pairs with the releasing in `submit`.
        guard
            state.compareExchange(expected: .waiting, desired: .taken, ordering: .acquiring).exchanged,
            let body = body.take(), let continuation = continuation.take()
        else { return nil }
        return (body, continuation)
    }
}
