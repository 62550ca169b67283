import Synchronization

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
