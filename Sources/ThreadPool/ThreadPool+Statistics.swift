import Synchronization

extension ThreadPool {
    /// What a pool has done and what it is doing. Figures are recent, each by itself; they fit together exactly when
    /// nobody submits and nothing runs.
    public struct Statistics: Sendable {
        /// Calls of `submit` and `run`, whatever became of them.
        public let submitted: UInt64
        /// Jobs that ran to their end, those that threw included.
        public let completed: UInt64
        /// Jobs that threw.
        public let failed: UInt64
        /// Submissions that were refused: the pool was full or shut down.
        public let rejected: UInt64
        /// Jobs that `shutdown` took out of the queues.
        public let discarded: UInt64
        /// Jobs that one worker took from another's deque.
        public let stolen: UInt64
        /// How often a worker went to sleep.
        public let parked: UInt64
        /// Jobs that wait to be run.
        public let queueDepth: Int
        /// Worker threads that there are; between the bounds of `configuration.threads`, until the shutdown.
        public let threads: Int
        /// Those of them that sleep.
        public let sleepingThreads: Int
        /// Threads that were added because a job had waited for `configuration.growthThreshold`.
        public let threadsAdded: UInt64
        /// Threads that ended because they were idle for `configuration.idleTimeout`.
        public let threadsRetired: UInt64
        /// How long jobs waited between submission and start.
        public let waitTime: WaitTimeHistogram
    }

    /// The figures of now. Cheap enough for once a second; not meant for every job.
    public var statistics: Statistics {
        let counters = scheduler.counters
        return Statistics(
            submitted: scheduler.gate.submitted,
            completed: counters.sum(.completed),
            failed: counters.sum(.failed),
            rejected: scheduler.gate.rejected,
            discarded: counters.sum(.discarded),
            stolen: counters.sum(.stolen),
            parked: counters.sum(.parked),
            queueDepth: scheduler.waitingSharedJobs + scheduler.waitingForkedJobs,
            threads: scheduler.liveWorkers.load(ordering: .relaxed),
            sleepingThreads: scheduler.standby.sleepers,
            threadsAdded: counters.sum(.grown),
            threadsRetired: counters.sum(.retired),
            waitTime: counters.waitTimes
        )
    }
}
