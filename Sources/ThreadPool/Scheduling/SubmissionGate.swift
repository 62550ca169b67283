import Platform
import Synchronization

/// A gate for submissions, which it counts. After it is closed, none is in progress and none can begin.
///
/// Each processor counts on cache lines of its own, so that producers on different processors share nothing. Counting
/// takes a read-modify-write nevertheless, since a thread may be moved after it has read its processor. `Counters` is
/// for single writers and gives no order, which `close` needs.
struct SubmissionGate: ~Copyable, Sendable {
    /// The token of a submission in progress.
    struct Pass {
        fileprivate let shard: Int
        /// The number of earlier submissions on the same processor: good enough for sampling.
        let sequence: UInt64
    }

    /// The counts on each processor's line: submissions that began, and those that ended in either way.
    private static let entered = 0
    private static let accepted = 1
    private static let refused = 2

    private let shardMask: Int
    private let counts: AtomicLines
    private let closed = Atomic<Bool>(false)

    /// Creates an open gate; `processors` is how many processors may count at once.
    init(processors: Int) {
        let shards = min(processors, 64).roundedUpToPowerOfTwo
        shardMask = shards - 1
        counts = AtomicLines(lines: shards)
    }

    /// Begins a submission; `nil` if the gate is closed, which counts as refused.
    @inline(__always) func begin() -> Pass? {
        let shard = (Processor.current & shardMask) * AtomicLines.perLine
        // Sequentially consistent, like the load below: in one order with the store and the sums in `close`. Either
        // the load sees the gate closed, or `close` sees this submission and waits for it.
        let sequence = counts[shard + Self.entered].wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
        let pass = Pass(shard: shard, sequence: sequence)
        if closed.load(ordering: .sequentiallyConsistent) {
            end(pass, accepted: false)
            return nil
        }
        return pass
    }

    /// Ends a submission.
    @inline(__always) func end(_ pass: Pass, accepted: Bool) {
        // Releasing: pairs with the load in `sum`, so that a thread that sees the end of the submission sees its job
        // queued.
        counts[pass.shard + (accepted ? Self.accepted : Self.refused)].wrappingAdd(1, ordering: .releasing)
    }

    /// Begins to put a job back that was submitted before; `nil` if the gate is closed. To be ended by `endReturn`.
    func beginReturn() -> Pass? {
        let shard = (Processor.current & shardMask) * AtomicLines.perLine
        let pass = Pass(shard: shard, sequence: 0)
        // As in `begin`.
        counts[shard + Self.entered].wrappingAdd(1, ordering: .sequentiallyConsistent)
        guard closed.load(ordering: .sequentiallyConsistent) else { return pass }
        endReturn(pass)
        return nil
    }

    /// Ends it. No submission is counted.
    func endReturn(_ pass: Pass) {
        // Releasing, as in `end`: pairs with the load in `sum`, which sees the job queued if it sees this. The count
        // is on the line that `beginReturn` used, so no sum can miss the beginning of another submission for it.
        counts[pass.shard + Self.entered].wrappingSubtract(1, ordering: .releasing)
    }

    /// Closes the gate, and returns when every submission that had begun has ended, calling `wait` meanwhile.
    /// Submissions never block, so this takes only as long as the kernel delays them.
    func close(wait: () -> Void) {
        closed.store(true, ordering: .sequentiallyConsistent)
        // On no processor have more ended than begun, and the ends are read before the beginnings. So if the sums are
        // equal, no submission was in progress at the moment between; later ones see the gate closed.
        while sum(Self.accepted) + sum(Self.refused) != sum(Self.entered) { wait() }
    }

    /// The number of submissions that began.
    var submitted: UInt64 { sum(Self.entered) }

    /// The number of submissions whose jobs were queued. Final when the gate is closed.
    var accepted: UInt64 { sum(Self.accepted) }

    /// The number of submissions that were refused.
    var rejected: UInt64 { sum(Self.refused) }

    private func sum(_ kind: Int) -> UInt64 {
        var total: UInt64 = 0
        for shard in stride(from: 0, to: counts.count, by: AtomicLines.perLine) {
            total &+= counts[shard + kind].load(ordering: .sequentiallyConsistent)
        }
        return total
    }
}
