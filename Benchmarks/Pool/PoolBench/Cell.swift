/// One combination of the work of jobs and the way of submission.
struct Cell: Hashable, Sendable {
    /// The work of each job.
    enum Work: String, CaseIterable, Sendable {
        case empty = "empty"
        case oneMicrosecond = "1 us"
        case hundredMicroseconds = "100 us"

        var microseconds: Int {
            switch self {
            case .empty: 0
            case .oneMicrosecond: 1
            case .hundredMicroseconds: 100
            }
        }

        /// The number of jobs in a burst, of all producers together.
        var burst: Int {
            switch self {
            case .empty: 4_000
            case .oneMicrosecond: 2_000
            case .hundredMicroseconds: 80
            }
        }

        /// How long a producer sleeps that finds too many under way: so short that workers never run dry, so long that
        /// looking costs little.
        var pauseMicroseconds: UInt32 {
            switch self {
            case .empty: 100
            case .oneMicrosecond: 300
            case .hundredMicroseconds: 1_000
            }
        }

        /// How many jobs may be under way before steady producers wait.
        var window: Int { self == .hundredMicroseconds ? 64 : 4_096 }
    }

    /// The way of submission.
    enum Mode: String, CaseIterable, Sendable {
        /// Many at once, then nothing until all are done and a millisecond has passed.
        case burst
        /// As fast as they are completed.
        case steady
        /// Each job submits two more, until a tree of 65,535 is done; then the next tree.
        case fork
        /// One, then nothing for 200 microseconds: how long a sleeping pool takes to begin.
        case lone
    }

    var work: Work
    var mode: Mode
    var producers: Int

    /// Everything that is measured, in the order of the report.
    static let all: [Cell] =
        Work.allCases.flatMap { work in
            [Mode.burst, .steady].flatMap { mode in
                [1, 2, 4, 8].map { Cell(work: work, mode: mode, producers: $0) }
            }
        } + [Cell(work: .empty, mode: .fork, producers: 1), Cell(work: .empty, mode: .lone, producers: 1)]

    /// One of so many jobs has its wait measured: two clock readings cost as much as an empty job.
    var sampling: Int { work == .hundredMicroseconds || mode == .lone ? 1 : 16 }

    var label: String {
        let name = "\(work.rawValue), \(mode.rawValue)"
        return mode == .burst || mode == .steady ? "\(name), \(producers)p" : name
    }
}
