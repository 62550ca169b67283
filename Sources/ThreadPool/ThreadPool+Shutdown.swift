extension ThreadPool {
    /// What becomes of jobs that wait when the pool is shut down.
    public enum ShutdownMode: Sendable {
        /// They are run.
        case drain
        /// They are discarded: `Job.discard` is called for each.
        case discard
    }

    /// What a shutdown left behind. `submitted = completed + rejected + discarded + running`, always.
    public struct ShutdownReport: Sendable, Equatable {
        /// Jobs that never ran: all that waited, with `.discard`; those that still waited at the deadline, with
        /// `.drain`.
        public let discarded: Int
        /// Jobs that were still running at the deadline. Nothing can stop a thread that is inside a job, so each goes
        /// on, and its thread ends after it.
        public let running: Int

        /// Whether every job that the pool had accepted has been run, and every thread has ended.
        public var isComplete: Bool { discarded == 0 && running == 0 }
    }
}
