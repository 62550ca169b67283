import Platform
import Synchronization

/// The state that the threads of a pool share: the queues, the workers and the phase.
///
/// `ThreadPool` retains it, and so does each of its threads, so that a pool can end by itself after its last reference
/// is released.
final class Scheduler: Sendable {
    let configuration: ThreadPool.Configuration
    let processorCount: Int
    /// The wait of a job is measured if its number has none of these bits.
    let samplingMask: UInt64
    /// The lock-free queue for submissions from outside: Michael and Scott's. It is empty when the scheduler is
    /// destroyed: threads end only when it is, or when `shutdown` has emptied it.
    let injector: MPMCQueue
    /// One for each possible thread.
    let slots: [WorkerSlot]
    let gate: SubmissionGate
    let standby: Standby
    let counters: PoolCounters
    /// The counts of the growth monitor, and of the thread that shuts the pool down.
    let monitorCounts: Counters<PoolCount>.Writer
    let shutdownCounts: Counters<PoolCount>.Writer
    /// Where the growth monitor sleeps while nothing waits, and where it sleeps while something does.
    let monitorCalls = Parking()
    let monitorPauses = Parking()
    /// Where `shutdown` waits for the threads, and further calls of it for the first.
    let endings = Parking()

    let phase = Atomic<Phase>(.running)
    /// Workers that have a thread, and all threads.
    let liveWorkers = Atomic<Int>(0)
    let liveThreads = Atomic<Int>(0)
    /// Workers whose thread waits, and threads whose worker was taken over while they waited; see `handOffIfNeeded`.
    let waitingWorkers = Atomic<Int>(0)
    let extraThreads = Atomic<Int>(0)
    /// Whether the kernel has just refused a thread.
    let isHandingOffPaused = Atomic<Bool>(false)
    /// Jobs that extra threads have completed, and those of them that threw.
    let completedByExtraThreads = Atomic<UInt64>(0)
    let failedOnExtraThreads = Atomic<UInt64>(0)
    /// Whether a thread does the shutdown, whether it is complete, and its report.
    let isShutdownTaken = Atomic<Bool>(false)
    let isShutdownOver = Atomic<Bool>(false)
    /// Whether no shutdown waits for threads any more; see `endShutdownWait`.
    let isShutdownWaitOver = Atomic<Bool>(false)
    let reportedDiscarded = Atomic<UInt64>(0)
    let reportedRunning = Atomic<UInt64>(0)

    init(configuration: ThreadPool.Configuration, topology: Topology) {
        self.configuration = configuration
        processorCount = topology.processorCount
        samplingMask = UInt64(configuration.waitTimeSampling.roundedUpToPowerOfTwo - 1)
        injector = MPMCQueue(capacity: configuration.queueCapacity)
        let workerCount = configuration.threads.upperBound
        counters = PoolCounters(workerCount: workerCount)
        monitorCounts = counters.counts.makeWriter(workerCount)
        shutdownCounts = counters.counts.makeWriter(workerCount + 1)
        slots = Self.makeSlots(configuration, topology, counters)
        gate = SubmissionGate(processors: topology.processorCount)
        standby = Standby(capacity: slots.count)
        assignVictims()
    }

    /// Creates the slots; binds them to processors, node by node, if configured.
    private static func makeSlots(
        _ configuration: ThreadPool.Configuration, _ topology: Topology, _ counters: PoolCounters
    ) -> [WorkerSlot] {
        let locations = topology.nodes.flatMap { node in
            node.processors.map { WorkerSlot.Location(node: node.number, processor: $0) }
        }
        let isBound = configuration.affinity == .processors
        return (0..<configuration.threads.upperBound).map { index in
            WorkerSlot(
                index: index,
                location: isBound ? locations[index % locations.count] : nil,
                dequeCapacity: configuration.localQueueCapacity.roundedUpToPowerOfTwo,
                counters: counters
            )
        }
    }

    /// Jobs that were completed.
    var completed: UInt64 { counters.sum(.completed) + completedByExtraThreads.load(ordering: .relaxed) }

    /// Passes each worker its victims: first the workers on the same node, if they are bound to nodes.
    private func assignVictims() {
        for slot in slots {
            let others = slots.filter { $0 !== slot }
            slot.worker.setVictims(
                near: others.filter { $0.location?.node == slot.location?.node },
                far: others.filter { $0.location?.node != slot.location?.node }
            )
        }
    }
}

/// The counters of a pool: a row for each worker, one for the growth monitor and one for the shutdown.
struct PoolCounters {
    let counts: Counters<PoolCount>
    let waits: Counters<WaitTimeHistogram.Bucket>

    init(workerCount: Int) {
        counts = Counters(writers: workerCount + 2)
        waits = Counters(writers: workerCount)
    }

    /// The sum over all rows: a recent value, which never decreases.
    func sum(_ kind: PoolCount) -> UInt64 { counts.sum(of: kind) }

    var waitTimes: WaitTimeHistogram {
        WaitTimeHistogram(counts: WaitTimeHistogram.Bucket.allCases.map { waits.sum(of: $0) })
    }
}

/// The phase of a pool. It only advances.
enum Phase: UInt8, AtomicRepresentable, Comparable {
    /// Jobs are accepted and run.
    case running
    /// No job is accepted; queued jobs are run, and workers that find none end.
    case draining
    /// Workers take no more jobs and end.
    case discarding

    static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
}

extension Int {
    /// The smallest power of two that is at least this number, which must be at least 1.
    var roundedUpToPowerOfTwo: Int {
        1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
