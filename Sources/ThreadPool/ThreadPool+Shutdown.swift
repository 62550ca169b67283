extension ThreadPool {
    /// The treatment of waiting jobs when the pool is shut down.
    public enum ShutdownMode: Sendable {
        /// Waiting jobs are run.
        case drain
        /// Waiting jobs are discarded: `Job.discard` is called for each.
        case discard
    }

    /// The result of a shutdown. `submitted = completed + rejected + discarded + running`, always.
    public struct ShutdownReport: Sendable, Equatable {
        /// The number of jobs that never ran: with `.discard` all that waited, with `.drain` those that still waited at
        /// the deadline.
        public let discarded: Int
        /// The number of jobs that were still running at the deadline. A running job can't be stopped, so each
        /// continues, and its thread ends after it.
        public let running: Int

        /// Whether every job that the pool had accepted has been run, and every thread has ended.
        public var isComplete: Bool { discarded == 0 && running == 0 }
    }
}
