import Synchronization

extension ThreadPool {
    /// Counts of what a pool has done, and its current state. Each value is recent; together they are consistent only
    /// while nothing is submitted and nothing runs.
    public struct Statistics: Sendable {
        /// All calls of `submit` and `run`.
        public let submitted: UInt64
        /// Jobs that were completed, including those that threw.
        public let completed: UInt64
        /// Jobs that threw.
        public let failed: UInt64
        /// Submissions that were refused because the pool was full or shut down.
        public let rejected: UInt64
        /// Jobs that `shutdown` removed from the queues.
        public let discarded: UInt64
        /// Jobs that were removed because they had waited for `configuration.maximumWait`.
        public let expired: UInt64
        /// Jobs that one worker took from another's deque.
        public let stolen: UInt64
        /// How often a worker went to sleep.
        public let parked: UInt64
        /// Jobs that are waiting.
        public let queueDepth: Int
        /// Current worker threads; between the bounds of `configuration.threads`, until the shutdown.
        public let threads: Int
        /// Threads beyond those, whose places were taken over while they waited; at most
        /// `configuration.maximumWaitingThreads`.
        public let extraThreads: Int
        /// Worker threads that sleep.
        public let sleepingThreads: Int
        /// Threads that were added because a job had waited for `configuration.growthThreshold`.
        public let threadsAdded: UInt64
        /// How often a thread was started in place of one that waited.
        public let threadsReplaced: UInt64
        /// Threads that ended because they were idle for `configuration.idleTimeout`.
        public let threadsRetired: UInt64
        /// The waits of jobs between submission and start.
        public let waitTime: WaitTimeHistogram
    }

    /// The current statistics. Cheap enough for once a second; not intended for every job.
    public var statistics: Statistics {
        let counters = scheduler.counters
        return Statistics(
            submitted: scheduler.gate.submitted,
            completed: scheduler.completed,
            failed: counters.sum(.failed) + scheduler.failedOnExtraThreads.load(ordering: .relaxed),
            rejected: scheduler.gate.rejected,
            discarded: counters.sum(.discarded),
            expired: counters.sum(.expired),
            stolen: counters.sum(.stolen),
            parked: counters.sum(.parked),
            queueDepth: scheduler.waitingSharedJobs + scheduler.waitingForkedJobs,
            threads: scheduler.liveWorkers.load(ordering: .relaxed),
            extraThreads: max(0, scheduler.extraThreads.load(ordering: .relaxed)),
            sleepingThreads: scheduler.standby.sleepers,
            threadsAdded: counters.sum(.grown),
            threadsReplaced: counters.sum(.takenOver),
            threadsRetired: counters.sum(.retired),
            waitTime: counters.waitTimes
        )
    }
}
