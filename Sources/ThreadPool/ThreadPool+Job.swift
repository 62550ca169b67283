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

        /// The time of submission, in nanoseconds of the monotonic clock; 0 if its wait is not measured.
        final var submittedAtNanoseconds: Int64 = 0

        /// Creates a job that has not been submitted.
        public init() {}

        /// Does the work, on a worker thread, where it may block. An error is counted and dropped.
        open func run() throws {}

        /// Called instead of `run` if the pool shuts down before the job is run, on the thread that calls
        /// `shutdown`. Must not block.
        open func discard() {}
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

/// A job that a task awaits: it resumes the task with the result of the closure.
final class AwaitedJob<Value: Sendable>: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: constants; the continuation is resumed once, by the thread that has the job.
    private let body: @Sendable () throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>

    init(_ body: @escaping @Sendable () throws -> Value, continuation: CheckedContinuation<Value, any Error>) {
        self.body = body
        self.continuation = continuation
    }

    override func run() throws {
        let value: Value
        do {
            value = try body()
        } catch {
            continuation.resume(throwing: error)
            throw error
        }
        continuation.resume(returning: value)
    }

    override func discard() {
        continuation.resume(throwing: ThreadPool.SubmitError.shutDown)
    }
}
