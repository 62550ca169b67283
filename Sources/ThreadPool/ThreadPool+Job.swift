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
        final var submittedAtNanoseconds: UInt64 = 0

        /// Creates a job that has not been submitted.
        public init() {}

        /// Does the work, on a worker thread, which may block. What it throws is counted and dropped.
        open func run() throws {}

        /// Called instead of `run` when the pool shuts down before the job's turn, on the thread that calls
        /// `shutdown`. Must not block.
        open func discard() {}
    }
}
