import CMeter
import Synchronization

/// The state that the threads of one measurement share.
final class Plan: @unchecked Sendable {
    // `@unchecked Sendable`: constants, atomics, and samplers that only their own producer uses until it has ended.

    let cell: Cell
    let spinRounds: UInt32
    let meter = Meter()

    private let endNanoseconds: UInt64
    /// How many jobs each producer has submitted, each on cache lines of its own.
    private let submitted: UnsafeMutablePointer<Atomic<Int>>
    private let samplers: UnsafeMutablePointer<Sampler>

    init(cell: Cell, spinRounds: UInt32, milliseconds: Int) {
        self.cell = cell
        self.spinRounds = spinRounds
        endNanoseconds = meter_now() + UInt64(milliseconds) * 1_000_000
        submitted = .allocate(capacity: cell.producers * 16)
        for index in 0..<cell.producers * 16 { (submitted + index).initialize(to: Atomic(0)) }
        samplers = .allocate(capacity: cell.producers)
        let share = Meter.slots / cell.producers
        for producer in 0..<cell.producers {
            let slots = Int32(producer * share)..<Int32((producer + 1) * share)
            (samplers + producer).initialize(to: Sampler(interval: cell.sampling, slots: slots))
        }
    }

    deinit {
        submitted.deallocate()
        samplers.deallocate()
    }

    var isOver: Bool { meter_now() >= endNanoseconds }

    /// Publishes the number of jobs that a producer has submitted so far.
    func publish(_ count: Int, by producer: Int) {
        submitted[producer * 16].store(count, ordering: .releasing)
    }

    var jobsSubmitted: Int {
        (0..<cell.producers).reduce(0) { $0 + submitted[$1 * 16].load(ordering: .acquiring) }
    }

    var jobsUnderWay: Int { jobsSubmitted - meter.total }

    /// Calls `body` with the sampler of a producer.
    func withSampler(of producer: Int, _ body: (inout Sampler) -> Void) {
        body(&samplers[producer])
    }

    /// Every wait that was measured, ascending, in nanoseconds. For when all jobs are done.
    var waits: [UInt64] {
        (0..<cell.producers).flatMap { samplers[$0].usedSlots.map { meter.wait(Int($0)) } }.sorted()
    }
}
