import Platform

extension ThreadPool {
    /// The configuration of a pool. The defaults suit blocking work on a server.
    public struct Configuration: Sendable {
        /// Where workers run.
        public enum Affinity: Sendable {
            /// On any processor that the kernel chooses.
            case none
            /// Each worker on one processor, processors of one NUMA node next to each other. Workers then steal on
            /// their own node first.
            case processors
        }

        /// The minimum and maximum number of worker threads. The minimum is started with the pool; further threads
        /// start when jobs wait (`growthThreshold`) and end when they are idle (`idleTimeout`). At least 1, at most
        /// 1,024.
        public var threads: ClosedRange<Int>

        /// How many submitted jobs may wait in the shared queue before `submit` fails with `.full`. At least 1, at most
        /// 16,777,216; 64 bytes of memory each.
        public var queueCapacity: Int

        /// How many jobs submitted from inside a worker's job may wait on that worker before they go to the shared
        /// queue. At least 8, at most 65,536; rounded up to a power of two.
        public var localQueueCapacity: Int

        /// How long a job may wait while every worker is busy before the pool adds a thread. At least 1 ms.
        public var growthThreshold: Duration

        /// How many threads may run beyond `threads` because others wait (`ThreadPool.whileWaiting`): a job that needs
        /// a worker gets a new thread in place of one that waits. One that was replaced counts until its job is done.
        /// When there are so many, threads that wait occupy their places like others. At least 0, at most 65,536.
        public var maximumWaitingThreads: Int

        /// How long a job may wait while every worker is busy before it is discarded, at most an eighth earlier; nil
        /// for any time. At least 1 ms; checked after each `growthThreshold`. With it, jobs that jobs submit wait in
        /// the shared queue like all others.
        public var maximumWait: Duration?

        /// Called on the pool's monitor when the first job is discarded because of `maximumWait`. Called again only
        /// after a job was run and none was discarded for ten times as long. Must not block.
        public var whenStarved: (@Sendable (Starvation) -> Void)?

        /// How long a worker beyond the minimum may be idle before its thread ends. At least 1 ms.
        public var idleTimeout: Duration

        /// The wait of one in this many jobs is measured; 1 measures each. At most 1,073,741,824. Two clock readings
        /// cost about 50 ns, as much as passing the job on.
        public var waitTimeSampling: Int

        /// Where workers run.
        public var affinity: Affinity

        /// The name of the threads, followed by `-` and the worker's number. Linux keeps 15 bytes of both.
        public var name: String

        /// The object that all threads are marked with; see `ThreadOwner`.
        package var owner: ObjectIdentifier?

        /// Creates a configuration. By default, `threads` ranges from the number of processors of this process, or of
        /// its control group's quota if that is fewer, to four times as many, and to no more than 1,024.
        public init(
            threads: ClosedRange<Int>? = nil,
            queueCapacity: Int = 16_384,
            localQueueCapacity: Int = 256,
            growthThreshold: Duration = .milliseconds(10),
            maximumWaitingThreads: Int = 0,
            maximumWait: Duration? = nil,
            whenStarved: (@Sendable (Starvation) -> Void)? = nil,
            idleTimeout: Duration = .seconds(10),
            waitTimeSampling: Int = 16,
            affinity: Affinity = .none,
            name: String = "pool"
        ) {
            let processors = Topology.defaultThreadCount
            self.threads = threads ?? Self.defaultThreads(processors: processors)
            self.queueCapacity = queueCapacity
            self.localQueueCapacity = localQueueCapacity
            self.growthThreshold = growthThreshold
            self.maximumWaitingThreads = maximumWaitingThreads
            self.maximumWait = maximumWait
            self.whenStarved = whenStarved
            self.idleTimeout = idleTimeout
            self.waitTimeSampling = waitTimeSampling
            self.affinity = affinity
            self.name = name
        }

        /// From the number of processors to four times as many threads, within the limit.
        package static func defaultThreads(processors: Int) -> ClosedRange<Int> {
            let fewest = min(max(1, processors), maximumThreadCount)
            return fewest...min(fewest * 4, maximumThreadCount)
        }

        /// The largest number of threads in a pool.
        package static let maximumThreadCount = 1_024
        /// The largest number of threads beyond those because others wait.
        package static let maximumWaitingThreadCount = 65_536

        /// Whether there is anything to do for a thread that monitors the others.
        var needsMonitor: Bool { threads.count > 1 || maximumWaitingThreads > 0 || maximumWait != nil }

        /// A description of a value that is out of range, or nil.
        var problem: String? {
            if threads.lowerBound < 1 || threads.upperBound > Self.maximumThreadCount {
                return "threads is \(threads); it lies within 1...\(Self.maximumThreadCount)"
            }
            for (name, value, range) in [
                ("queueCapacity", queueCapacity, 1...1 << 24), ("localQueueCapacity", localQueueCapacity, 8...1 << 16),
                ("waitTimeSampling", waitTimeSampling, 1...1 << 30),
                ("maximumWaitingThreads", maximumWaitingThreads, 0...Self.maximumWaitingThreadCount),
            ] where !range.contains(value) {
                return "\(name) is \(value); it lies within \(range)"
            }
            for (name, value) in [
                ("growthThreshold", growthThreshold), ("idleTimeout", idleTimeout),
                ("maximumWait", maximumWait ?? .seconds(1)),
            ] where value < .milliseconds(1) {
                return "\(name) is \(value.nanoseconds) ns; it is at least 1,000,000 ns"
            }
            return nil
        }
    }

    /// What the threads of a pool did while jobs waited in vain.
    public struct Starvation: Sendable {
        /// The number of workers. If jobs have waited for `Configuration.maximumWait`, all of them were busy.
        public let threads: Int
        /// How many of them only waited (`ThreadPool.whileWaiting`) and could not be replaced, because there are
        /// `Configuration.maximumWaitingThreads` already or the kernel refused a thread. The others ran a job.
        public let waitingThreads: Int
    }
}
