import Platform
import Reactor
import Synchronization

/// The state machine of a server. One lock guards its state and is held only briefly: what takes time, such as starting
/// and joining threads, is done without the lock, by the one thread that a transition chose.
///
/// ```
/// created ─▶ starting ─▶ serving ─▶ draining ─▶ closing ─▶ stopped
///    ▲           │                                            ▲
///    └── failed ─┘           (stopped before it served) ──────┘
/// ```
final class ServerLifecycle: Sendable {
    /// The phases in order. Each is entered through one method below.
    enum Phase: Int, Comparable, CaseIterable {
        /// Not started yet, or a start failed.
        case created
        /// One thread starts the reactors.
        case starting
        case serving
        /// No new connections; the requests under way get their responses.
        case draining
        /// The reactors have ended; blocking handlers may still be running.
        case closing
        /// Everything is closed.
        case stopped

        static func < (first: Phase, second: Phase) -> Bool { first.rawValue < second.rawValue }
    }

    /// The reactors that the caller of a transition must stop, and until when they may drain.
    struct Drain: Sendable {
        let group: ReactorGroup
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var phase = Phase.created
        /// Set from serving to closing.
        var group: ReactorGroup?
        /// Set from draining on.
        var deadline: ContinuousClock.Instant?
        /// `stop()` was called while the server was starting.
        var isStopRequested = false
        /// A thread was chosen to close the server.
        var hasCloser = false
        var hasServed = false
        /// The error of the first reactor that failed.
        var failure: SystemError?

        /// Chooses the calling thread to close the server. Returns nil if there is nothing to close yet, or another
        /// thread was chosen.
        mutating func chooseCloser() -> Drain? {
            guard !hasCloser, let group, let deadline else { return nil }
            hasCloser = true
            return Drain(group: group, deadline: deadline)
        }

        mutating func drain(within grace: Duration) {
            phase = .draining
            deadline = grace.deadline
        }
    }

    private let state = Locked(State())
    /// What the reactors count; set once, when they have started.
    private let counters = AtomicLazyReference<Counters<ReactorCount>>()
    /// How long draining may take.
    private let grace: Duration

    init(grace: Duration) {
        self.grace = grace
    }

    var phase: Phase { state.withLock { $0.phase } }

    /// The reactors, while there are any.
    var group: ReactorGroup? { state.withLock { $0.group } }

    /// The error of the first reactor that failed.
    var failure: SystemError? { state.withLock { $0.failure } }

    /// Whether the server has ever served.
    var hasServed: Bool { state.withLock { $0.hasServed } }

    /// The counts of each reactor, the last ones after its end; empty before the reactors have started. Takes no lock.
    var statistics: [ReactorStatisticsSnapshot] { counters.load()?.snapshots ?? [] }

    // MARK: - Transitions

    /// created → starting. The caller starts the reactors, and then calls `didStart` or `startFailed`.
    func beginStart() throws(ServerError) {
        try change { state throws(ServerError) in
            switch state.phase {
            case .created: state.phase = .starting
            case .starting, .serving: throw .alreadyStarted
            case .draining, .closing, .stopped: throw .stopped
            }
        }
    }

    /// starting → created, so that another start is possible, or → stopped if a stop was requested meanwhile.
    func startFailed() {
        change { state in
            state.phase = state.isStopRequested ? .stopped : .created
            state.failure = nil
        }
    }

    /// starting → serving. If a stop was requested meanwhile, or a reactor has failed, → draining, and the caller
    /// closes the server.
    func didStart(_ group: ReactorGroup) -> Drain? {
        // Before the phase changes, so that whoever sees the server serve finds statistics.
        _ = counters.storeIfNil(group.counters)
        return change { state in
            state.group = group
            guard state.isStopRequested || state.failure != nil else {
                state.phase = .serving
                state.hasServed = true
                return nil
            }
            state.drain(within: grace)
            return state.chooseCloser()
        }
    }

    /// serving → draining, created → stopped; while the server is starting, the stop follows the start. The caller
    /// closes the server if the result is not nil, and otherwise waits until the server has stopped.
    func requestStop() -> Drain? {
        change { state in
            switch state.phase {
            case .created: state.phase = .stopped
            case .starting: state.isStopRequested = true
            case .serving: state.drain(within: grace)
            case .draining, .closing, .stopped: break
            }
            return state.chooseCloser()
        }
    }

    /// serving → draining, because a reactor failed. The caller stops the other reactors; `stop()` closes the server.
    func reactorFailed(_ error: SystemError) -> Drain? {
        change { state in
            state.failure = state.failure ?? error
            guard state.phase == .serving, let group = state.group else { return nil }
            state.drain(within: grace)
            return state.deadline.map { Drain(group: group, deadline: $0) }
        }
    }

    /// draining → closing.
    func reactorsEnded() {
        change { $0.phase = .closing }
    }

    /// closing → stopped.
    func didClose() {
        change { state in
            state.group = nil
            state.phase = .stopped
        }
    }

    // MARK: - Waiting

    /// Blocks until the server has reached `phase`, or `isOver` returns true. Both are checked again after each event
    /// of the process.
    func wait(for phase: Phase, or isOver: () -> Bool = { false }) {
        ProcessEvents.wait { self.phase >= phase || isOver() }
    }

    private func change<Result, Failure: Error>(
        _ transition: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { ProcessEvents.announce() }
        return try state.withLock(transition)
    }
}
