import Platform
import Synchronization

/// What the threads of a pool share: the queues, the workers, and how far the pool has got.
///
/// `ThreadPool` holds one, and so does each of its threads, so that a pool whose last reference goes can end by itself.
final class Scheduler: Sendable {
    let configuration: ThreadPool.Configuration
    let processorCount: Int
    /// Which jobs have their waits measured: those whose number has none of these bits.
    let samplingMask: UInt64
    /// The lock-free queue into which threads from outside submit: Michael and Scott's. It is empty when the scheduler
    /// goes: threads end only when it is, or when `shutdown` has emptied it.
    let injector: MPMCQueue
    /// One for each thread that there may be.
    let slots: [WorkerSlot]
    let gate: SubmissionGate
    let standby: Standby
    let counters: PoolCounters
    /// What the growth monitor counts, and what the thread that does the shutdown counts.
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
    /// Whether somebody does the shutdown, whether it is over, and what it reported.
    let isShutdownTaken = Atomic<Bool>(false)
    let isShutdownOver = Atomic<Bool>(false)
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
        introduceWorkers()
    }

    /// Binds workers to processors, if so configured, node by node.
    private static func makeSlots(
        _ configuration: ThreadPool.Configuration, _ topology: Topology, _ counters: PoolCounters
    ) -> [WorkerSlot] {
        let places = topology.nodes.flatMap { node in
            node.processors.map { WorkerSlot.Place(node: node.number, processor: $0) }
        }
        let isBound = configuration.affinity == .processors
        return (0..<configuration.threads.upperBound).map { index in
            WorkerSlot(
                index: index,
                place: isBound ? places[index % places.count] : nil,
                dequeCapacity: configuration.localQueueCapacity.roundedUpToPowerOfTwo,
                counters: counters
            )
        }
    }

    /// Tells each worker whom to steal from first: workers on the same node, if they are bound to nodes.
    private func introduceWorkers() {
        for slot in slots {
            let others = slots.filter { $0 !== slot }
            slot.introduce(
                to: self,
                near: others.filter { $0.place?.node == slot.place?.node },
                far: others.filter { $0.place?.node != slot.place?.node }
            )
        }
    }
}

/// What is counted in a pool: a row for each worker, one for the growth monitor and one for the shutdown.
struct PoolCounters {
    let counts: Counters<PoolCount>
    let waits: Counters<WaitTimeHistogram.Bucket>

    init(workerCount: Int) {
        counts = Counters(writers: workerCount + 2)
        waits = Counters(writers: workerCount)
    }

    /// The sum over all rows: a recent figure, which never goes back.
    func sum(_ kind: PoolCount) -> UInt64 { counts.sum(of: kind) }

    var waitTimes: WaitTimeHistogram {
        WaitTimeHistogram(counts: WaitTimeHistogram.Bucket.allCases.map { waits.sum(of: $0) })
    }
}

/// How far a pool has got in its life. It only moves forward.
enum Phase: UInt8, AtomicRepresentable, Comparable {
    /// Jobs are accepted and run.
    case running
    /// No job is accepted; those that are queued are run, and workers that find none end.
    case draining
    /// Workers take no more jobs and end.
    case discarding

    static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
}

extension Int {
    /// The smallest power of two that is not below this number, which must be at least 1.
    var roundedUpToPowerOfTwo: Int {
        1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
