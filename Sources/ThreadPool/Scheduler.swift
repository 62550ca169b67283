import CLockFree
import Synchronization

/// What the threads of a pool share: the queues, the workers, and how far the pool has got.
///
/// `ThreadPool` holds one, and so does each of its threads, so that a pool whose last reference goes can end by itself.
@safe
final class Scheduler: @unchecked Sendable {
    // `@unchecked Sendable`: constants, atomics, types that are themselves made for many threads, and C structures
    // that are.

    let configuration: ThreadPool.Configuration
    let processorCount: Int
    /// Which jobs have their waits measured: those whose number has none of these bits.
    let samplingMask: UInt64
    /// The lock-free queue into which threads from outside submit: Michael and Scott's.
    let injector: OpaquePointer
    /// One for each thread that there may be.
    let workers: [Worker]
    let gate: SubmissionGate
    let standby: Standby
    let statistics: WorkerStatistics
    /// Where the growth monitor sleeps while nothing waits, and where it sleeps while something does.
    let monitorCalls: OpaquePointer
    let monitorPauses: OpaquePointer
    /// Where `shutdown` waits for the threads, and further calls of it for the first.
    let endings: OpaquePointer

    let phase = Atomic<Phase>(.running)
    /// Workers that have a thread, and all threads.
    let liveWorkers = Atomic<Int>(0)
    let liveThreads = Atomic<Int>(0)
    /// Threads added because jobs waited, and threads ended because they were idle.
    let grown = Atomic<UInt64>(0)
    let retired = Atomic<UInt64>(0)
    /// Jobs that were discarded by `shutdown`.
    let discarded = Atomic<UInt64>(0)
    /// Whether somebody does the shutdown, whether it is over, and what it reported.
    let isShutdownTaken = Atomic<Bool>(false)
    let isShutdownOver = Atomic<Bool>(false)
    let reportedDiscarded = Atomic<UInt64>(0)
    let reportedRunning = Atomic<UInt64>(0)

    init(configuration: ThreadPool.Configuration, topology: Topology) {
        self.configuration = configuration
        processorCount = topology.processorCount
        samplingMask = UInt64(configuration.waitTimeSampling.roundedUpToPowerOfTwo - 1)
        unsafe injector = hs_queue_create(configuration.queueCapacity).orOutOfMemory()
        workers = Self.makeWorkers(configuration, topology)
        gate = SubmissionGate(processors: topology.processorCount)
        standby = Standby(capacity: workers.count)
        statistics = WorkerStatistics(workers: workers.count)
        unsafe monitorCalls = hs_parking_create().orOutOfMemory()
        unsafe monitorPauses = hs_parking_create().orOutOfMemory()
        unsafe endings = hs_parking_create().orOutOfMemory()
        introduceWorkers()
    }

    deinit {
        // Nobody is left: neither the pool nor one of its threads. The queue is empty, as threads end only when it is
        // or when `shutdown` has emptied it.
        unsafe hs_queue_destroy(injector, nil)
        unsafe hs_parking_destroy(monitorCalls)
        unsafe hs_parking_destroy(monitorPauses)
        unsafe hs_parking_destroy(endings)
    }

    /// Binds workers to processors, if so configured, node by node.
    private static func makeWorkers(_ configuration: ThreadPool.Configuration, _ topology: Topology) -> [Worker] {
        let places = topology.nodes.flatMap { node in
            node.processors.map { Worker.Place(node: node.number, processor: $0) }
        }
        let isBound = configuration.affinity == .processors
        return (0..<configuration.threads.upperBound).map { index in
            Worker(
                index: index,
                place: isBound ? places[index % places.count] : nil,
                dequeCapacity: configuration.localQueueCapacity.roundedUpToPowerOfTwo
            )
        }
    }

    /// Tells each worker whom to steal from first: workers on the same node, if they are bound to nodes.
    private func introduceWorkers() {
        for worker in workers {
            let others = workers.filter { $0 !== worker }
            worker.introduce(
                to: self,
                near: others.filter { $0.place?.node == worker.place?.node },
                far: others.filter { $0.place?.node != worker.place?.node }
            )
        }
    }
}
