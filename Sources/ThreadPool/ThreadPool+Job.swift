extension ThreadPool {
    /// Work that runs once on a worker thread, as an object.
    ///
    /// Subclass it where a closure would cost too much: `submit(_: Job)` allocates nothing, so what the job needs and
    /// what it brings back can live in the one object that the caller made, or keeps for the next time. A job may be
    /// submitted again once `run` or `discard` has been called; never while it waits.
    ///
    /// Exactly one of `run` and `discard` is called for each submission that did not throw.
    open class Job: @unchecked Sendable {
        // `@unchecked Sendable`: one thread has the job at a time. The submitter writes before the push, which
        // releases; the worker reads after the pop, which acquires.

        /// When the job was submitted, in nanoseconds of the monotonic clock; 0 when its wait is not measured.
        final var submittedAtNanoseconds: Int64 = 0

        /// Creates a job that has not been submitted.
        public init() {}

        /// Does the work, on a worker thread, which may block. What it throws is counted and dropped.
        open func run() throws {}

        /// Called instead of `run` when the pool shuts down before the job's turn, on the thread that calls
        /// `shutdown`. Must not block.
        open func discard() {}
    }
}

/// A job from a closure: the one object that `submit { … }` allocates.
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

/// A job that a task awaits: it resumes the task with what the closure returned or threw.
final class AwaitedJob<Value: Sendable>: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: constants; the continuation is resumed once, by whoever has the job.
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
