extension ThreadPool {
    /// How a pool is sized, bounded and named. Every field has a default that suits blocking work on a server.
    public struct Configuration: Sendable {
        /// Where workers run.
        public enum Affinity: Sendable {
            /// Wherever the kernel puts them.
            case none
            /// Each worker on one processor, processors of one NUMA node next to each other. Thieves then look on
            /// their own node first.
            case processors
        }

        /// The fewest and the most worker threads. The fewest are there from the start; the rest come when jobs wait
        /// (`growthThreshold`) and go when they are idle (`idleTimeout`). At least 1, at most 1,024.
        public var threads: ClosedRange<Int>

        /// How many submitted jobs may wait in the shared queue before `submit` fails with `.full`. At least 1.
        public var queueCapacity: Int

        /// How many jobs submitted from inside a worker's job may wait on that worker before they go to the shared
        /// queue. At least 8; rounded up to a power of two.
        public var localQueueCapacity: Int

        /// How long a job may wait while every worker is busy before the pool adds a thread. At least 1 ms.
        public var growthThreshold: Duration

        /// How long a worker beyond the fewest may be idle before its thread ends. At least 1 ms.
        public var idleTimeout: Duration

        /// One of so many jobs has its waiting time measured; 1 measures each. Two clock readings cost about 50 ns,
        /// as much as passing the job on.
        public var waitTimeSampling: Int

        /// Where workers run.
        public var affinity: Affinity

        /// What threads are called, followed by `-` and the worker's number. Linux keeps 15 bytes of it all.
        public var name: String

        /// Creates a configuration; `threads` defaults to the processors of this process … four times as many.
        public init(
            threads: ClosedRange<Int>? = nil,
            queueCapacity: Int = 16_384,
            localQueueCapacity: Int = 256,
            growthThreshold: Duration = .milliseconds(10),
            idleTimeout: Duration = .seconds(10),
            waitTimeSampling: Int = 16,
            affinity: Affinity = .none,
            name: String = "pool"
        ) {
            let processors = Topology.current.processorCount
            self.threads = threads ?? processors...(processors * 4)
            self.queueCapacity = queueCapacity
            self.localQueueCapacity = localQueueCapacity
            self.growthThreshold = growthThreshold
            self.idleTimeout = idleTimeout
            self.waitTimeSampling = waitTimeSampling
            self.affinity = affinity
            self.name = name
        }

        /// Stops the program at a value outside its range: a wrong configuration is a bug, not an event.
        func validate() {
            precondition(threads.lowerBound >= 1, "a pool needs at least one thread")
            precondition(threads.upperBound <= 1_024, "a pool has at most 1,024 threads")
            precondition(queueCapacity >= 1, "a queue holds at least one job")
            precondition(localQueueCapacity >= 8, "a local queue holds at least eight jobs")
            precondition(growthThreshold >= .milliseconds(1), "the growth threshold is at least a millisecond")
            precondition(idleTimeout >= .milliseconds(1), "the idle timeout is at least a millisecond")
            precondition(waitTimeSampling >= 1, "one of at least one job is measured")
        }
    }
}
