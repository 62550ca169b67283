import Platform
import Reactor
import Synchronization

/// The state machine of a server. One lock guards its state and is held only briefly: what takes time, such as starting
/// and joining threads, is done without the lock, by the one thread that a transition chose.
///
/// ```
/// created ─▶ starting ─▶ serving ─▶ draining ─▶ closing ─▶ ending ─▶ stopped
///    ▲           │          └─ (a reactor failed) ─▲                    ▲
///    └── failed ─┘           (stopped before it served) ────────────────┘
/// ```
final class ServerLifecycle: Sendable {
    /// The phases in order. Each is entered through one method below.
    typealias Phase = Server.Phase

    /// When a server that was asked to stop does so.
    private struct Schedule {
        /// When the listeners close.
        var closing: ContinuousClock.Instant
        /// When everything must be closed.
        var deadline: ContinuousClock.Instant
    }

    private struct State {
        var phase = Phase.created
        /// Set from serving to ending.
        var group: ReactorGroup?
        /// Set from draining on.
        var schedule: Schedule?
        /// `stop()` was called while the server was starting.
        var isStopRequested = false
        /// The server must stop without waiting.
        var isHurried = false
        /// A thread was chosen to close the server.
        var hasCloser = false
        var hasServed = false
        /// Counts the starts.
        var attempt = 0
        /// The first failure of a reactor or a service.
        var failure: ServerError?
        /// Tasks that wait until the server has stopped.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())
    /// Whether the phase is draining or a later one, or will be as soon as the server has started.
    private let isAskedToStop = Atomic<Bool>(false)
    /// What the reactors count; set once, when they have started.
    private let counters = AtomicLazyReference<Counters<ReactorCount>>()
    /// How long the listeners stay open after the server was asked to stop.
    private let drainDelay: Duration
    /// How long closing may take after that.
    private let grace: Duration

    init(grace: Duration, drainDelay: Duration = .zero) {
        self.grace = grace
        self.drainDelay = drainDelay
    }

    var phase: Phase { state.withLock { $0.phase } }

    /// Whether the server was asked to stop, or stops because of a failure. Takes no lock.
    // Relaxed: no other memory is read because of it.
    var isStopping: Bool { isAskedToStop.load(ordering: .relaxed) }

    /// The reactors, while there are any.
    var group: ReactorGroup? { state.withLock { $0.group } }

    /// The first failure of a reactor or a service.
    var failure: ServerError? { state.withLock { $0.failure } }

    /// Whether the server has ever served.
    var hasServed: Bool { state.withLock { $0.hasServed } }

    /// When the listeners of a server close that was asked to stop.
    var closingTime: ContinuousClock.Instant { state.withLock { $0.schedule?.closing ?? .now } }

    /// When a server that was asked to stop must be closed. It may be brought forward.
    var deadline: ContinuousClock.Instant { state.withLock { $0.schedule?.deadline ?? grace.deadline } }

    /// The counts of each reactor, the last ones after its end; empty before the reactors have started. Takes no lock.
    var statistics: [ReactorStatisticsSnapshot] { counters.load()?.snapshots ?? [] }
}

// MARK: - Transitions

extension ServerLifecycle {
    /// created → starting. The caller starts the reactors, and then calls `didStart` or `startFailed`. Returns the
    /// number of the attempt.
    @discardableResult
    func beginStart() throws(ServerError) -> Int {
        try change { state throws(ServerError) in
            switch state.phase {
            case .created:
                state.phase = .starting
                state.attempt += 1
                return state.attempt
            case .starting, .serving: throw .alreadyStarted
            case .draining, .closing, .ending, .stopped: throw .stopped
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

    /// starting → serving. If a stop was requested meanwhile, or a reactor or a service has failed, → draining, and the
    /// caller closes the server.
    func didStart(_ group: ReactorGroup) -> ReactorGroup? {
        // Before the phase changes, so that whoever sees the server serve finds statistics.
        _ = counters.storeIfNil(group.counters)
        return change { state in
            state.group = group
            guard state.isStopRequested || state.failure != nil else {
                state.phase = .serving
                state.hasServed = true
                return nil
            }
            // Without a delay: nobody has seen the server ready.
            drain(&state, delay: .zero)
            return chooseCloser(&state)
        }
    }

    /// serving → draining, created → stopped; while the server is starting, the stop follows the start. The caller
    /// closes the server if the result is not nil.
    func requestStop() -> ReactorGroup? {
        change { state in
            switch state.phase {
            case .created: state.phase = .stopped
            case .starting: state.isStopRequested = true
            case .serving: drain(&state, delay: drainDelay)
            case .draining, .closing, .ending, .stopped: break
            }
            return chooseCloser(&state)
        }
    }

    /// Records that a service ended too early. If the server is starting, it stops because of it; if it is serving, the
    /// caller calls `requestStop(ofAttempt:)` next.
    ///
    /// - Parameter attempt: the start that the service belongs to. A later one has nothing to do with it.
    func serviceFailed(_ error: ServerError, ofAttempt attempt: Int) {
        change { state in
            guard state.attempt == attempt, state.phase == .starting || state.phase == .serving else { return }
            state.failure = state.failure ?? error
        }
    }

    /// The same as `requestStop`, if the server is serving since this attempt to start it.
    func requestStop(ofAttempt attempt: Int) -> ReactorGroup? {
        change { state in
            guard state.attempt == attempt, state.phase == .serving else { return nil }
            drain(&state, delay: drainDelay)
            return chooseCloser(&state)
        }
    }

    /// serving or draining → closing, because a reactor failed. The caller stops the other reactors; `stop()` closes
    /// the server.
    func reactorFailed(_ error: SystemError) -> ReactorGroup? {
        change { state in
            state.failure = state.failure ?? .reactorFailed(error)
            guard state.phase == .serving || state.phase == .draining, let group = state.group else { return nil }
            if state.phase == .serving { drain(&state, delay: .zero) }
            state.schedule?.closing = .now
            state.phase = .closing
            return group
        }
    }

    /// draining → closing: the caller makes the reactors close their listeners.
    func beginClosing() {
        change { state in
            if state.phase == .draining { state.phase = .closing }
        }
    }

    /// Makes the server stop without waiting, now or once it has been asked to. The caller makes the reactors stop.
    func hurry() -> ReactorGroup? {
        change { state in
            state.isHurried = true
            guard state.schedule != nil else { return nil }
            state.schedule = Schedule(closing: .now, deadline: .now)
            return state.group
        }
    }

    /// closing → ending.
    func reactorsEnded() {
        change { $0.phase = .ending }
    }

    /// ending → stopped.
    func didClose() {
        // The group is released without the lock.
        _ = change { state in
            state.phase = .stopped
            return state.group.take()
        }
    }

    /// Chooses the caller to close the server. Returns nil if there is nothing to close yet, or another thread was
    /// chosen.
    private func chooseCloser(_ state: inout State) -> ReactorGroup? {
        guard !state.hasCloser, let group = state.group, let schedule = state.schedule else { return nil }
        state.hasCloser = true
        // The schedule may be that of a reactor's failure, long ago, since when nobody has stopped the server.
        if !state.isHurried { state.schedule?.deadline = max(schedule.deadline, grace.deadline) }
        return group
    }

    private func drain(_ state: inout State, delay: Duration) {
        state.phase = .draining
        let closing = delay.deadline
        let deadline = closing.advanced(by: .nanoseconds(grace.nanoseconds))
        state.schedule =
            state.isHurried ? Schedule(closing: .now, deadline: .now) : Schedule(closing: closing, deadline: deadline)
    }

    private func change<Result, Failure: Error>(
        _ transition: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { announce() }
        return try state.withLock { state throws(Failure) in
            defer {
                let isStopping = state.isStopRequested || state.phase >= .draining
                if isStopping { isAskedToStop.store(true, ordering: .relaxed) }
            }
            return try transition(&state)
        }
    }

    /// Makes threads and tasks see the new state.
    private func announce() {
        let waiters = state.withLock { state in
            guard state.phase == .stopped else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        ProcessEvents.announce()
        for waiter in waiters { waiter.resume() }
    }
}

// MARK: - Waiting

extension ServerLifecycle {
    /// Whether the start in progress should be given up.
    var isStartGivenUp: Bool { state.withLock { $0.isStopRequested } }

    /// Blocks until the server has reached `phase`, or `isOver` returns true. Both are checked again after each event
    /// of the process.
    func wait(for phase: Phase, or isOver: () -> Bool = { false }) {
        ProcessEvents.wait { self.phase >= phase || isOver() }
    }

    /// Suspends the task until the server has stopped.
    func waitUntilStopped() async {
        await withCheckedContinuation { continuation in
            let hasStopped = state.withLock { state in
                if state.phase != .stopped { state.waiters.append(continuation) }
                return state.phase == .stopped
            }
            if hasStopped { continuation.resume() }
        }
    }
}
