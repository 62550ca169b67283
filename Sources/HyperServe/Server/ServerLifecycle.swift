import Platform
import Reactor

/// The state machine of a server: its phase, and what belongs to it. One lock guards all of it, for moments only: what
/// takes time, such as starting and joining threads, happens outside, by the one thread that a transition chose for it.
///
/// ```
/// created ─▶ starting ─▶ serving ─▶ draining ─▶ closing ─▶ stopped
///    ▲           │                                            ▲
///    └── failed ─┘           (stopped before it served) ──────┘
/// ```
final class ServerLifecycle: Sendable {
    /// The phases, in their order. Each is entered through one method below.
    enum Phase: Int, Comparable, CaseIterable {
        /// Not started yet, or a start failed.
        case created
        /// One thread starts the reactors.
        case starting
        case serving
        /// No new connections; the requests under way get their responses.
        case draining
        /// The reactors have ended; the handlers that still block are waited for.
        case closing
        /// Nothing is left.
        case stopped

        static func < (first: Phase, second: Phase) -> Bool { first.rawValue < second.rawValue }
    }

    /// Reactors that the caller of a transition must end, until when they may drain.
    struct Drain {
        let group: ReactorGroup
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var phase = Phase.created
        /// From serving to closing.
        var group: ReactorGroup?
        /// Since draining.
        var deadline: ContinuousClock.Instant?
        /// Somebody asked for the stop while the server was starting.
        var isStopRequested = false
        /// A thread has taken on closing.
        var isClosed = false
        var hasServed = false
        /// Of the first reactor that failed.
        var failure: SystemError?
        /// What the reactors counted last.
        var statistics: [ReactorStatisticsSnapshot] = []

        /// What the thread that this chooses must do to close the server; nil if another one does.
        mutating func takeOnClosing() -> Drain? {
            guard !isClosed, let group, let deadline else { return nil }
            isClosed = true
            return Drain(group: group, deadline: deadline)
        }

        mutating func drain(within grace: Duration) {
            phase = .draining
            deadline = grace.deadline
        }
    }

    private let state = Locked(State())
    /// How long draining may take.
    private let grace: Duration

    init(grace: Duration) {
        self.grace = grace
    }

    var phase: Phase { state.withLock { $0.phase } }

    /// The reactors, while there are any.
    var group: ReactorGroup? { state.withLock { $0.group } }

    /// Why the server ended, if a reactor failed.
    var failure: SystemError? { state.withLock { $0.failure } }

    /// Whether it has ever served.
    var hasServed: Bool { state.withLock { $0.hasServed } }

    var statistics: [ReactorStatisticsSnapshot] {
        state.withLock { state in state.group?.statistics ?? state.statistics }
    }

    // MARK: - Transitions

    /// created → starting. The caller starts the reactors and reports how that went.
    func beginStart() throws(ServerError) {
        try change { state throws(ServerError) in
            switch state.phase {
            case .created: state.phase = .starting
            case .starting, .serving: throw .alreadyStarted
            case .draining, .closing, .stopped: throw .stopped
            }
        }
    }

    /// starting → created, so that another start is possible, or → stopped if that was asked for meanwhile.
    func startFailed() {
        change { state in
            state.phase = state.isStopRequested ? .stopped : .created
            state.failure = nil
        }
    }

    /// starting → serving. If a stop was asked for meanwhile, or a reactor has failed, → draining, and the caller
    /// closes the server.
    func didStart(_ group: ReactorGroup) -> Drain? {
        change { state in
            state.group = group
            guard state.isStopRequested || state.failure != nil else {
                state.phase = .serving
                state.hasServed = true
                return nil
            }
            state.drain(within: grace)
            return state.takeOnClosing()
        }
    }

    /// Asks for the end. serving → draining, created → stopped, and while the server is starting the end comes after
    /// that. The caller closes the server if it gets something to drain, or else waits until the server is stopped.
    func requestStop() -> Drain? {
        change { state in
            switch state.phase {
            case .created: state.phase = .stopped
            case .starting: state.isStopRequested = true
            case .serving: state.drain(within: grace)
            case .draining, .closing, .stopped: break
            }
            return state.takeOnClosing()
        }
    }

    /// A reactor failed. serving → draining: the caller tells the other reactors, and nobody closes the server yet.
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
            state.statistics = state.group?.statistics ?? []
            state.group = nil
            state.phase = .stopped
        }
    }

    // MARK: - Waiting

    /// Blocks until the phase is at least this one, or until `isOver`, which is asked again after each event of the
    /// process.
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
