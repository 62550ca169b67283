import Platform
import Reactor

/// Marks the tasks of a server's handlers, services and hooks, and those that they create: as parts of the server, they
/// can't wait for its end.
enum ServerTask {
    /// The server that the current task belongs to.
    @TaskLocal static var lifecycle: ServerLifecycle?
}

/// A task that runs code of the program for a server, and for which threads wait.
final class ProgramTask: Sendable {
    typealias Outcome = Result<Void, any Error>

    private struct State {
        var task: Task<Void, Never>?
        var result: Outcome?
        /// Cancelled before there was a result.
        var isCancelled = false
        var hasEnded = false
    }

    private let state: Locked<State>

    /// Starts the task, on the threads of the Swift runtime. `whenEnded` is called in it with its result, unless it was
    /// cancelled before there was one.
    init(
        of lifecycle: ServerLifecycle, _ body: @escaping @Sendable () async throws -> Void,
        whenEnded: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) {
        let state = Locked(State())
        self.state = state
        let task = Task.detached {
            await ServerTask.$lifecycle.withValue(lifecycle) {
                let result = await ProgramTask.outcome(of: body)
                let isCancelled = state.withLock { state in
                    state.result = result
                    return state.isCancelled
                }
                if !isCancelled { whenEnded(result) }
            }
            state.withLock { $0.hasEnded = true }
            ProcessEvents.announce()
        }
        state.withLock { $0.task = task }
    }

    /// How the task has ended; nil if it hasn't.
    var result: Outcome? { state.withLock { $0.result } }

    /// Whether the task has ended, and `whenEnded` has returned.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Whether it was cancelled before there was a result.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func cancel() {
        let task = state.withLock { state in
            if state.result == nil { state.isCancelled = true }
            return state.task
        }
        // Without the lock: it calls cancellation handlers.
        task?.cancel()
    }

    /// Blocks until the task has ended, the deadline has passed, or `isOver` returns true. All are checked again after
    /// each event of the process.
    func wait(deadline: () -> ContinuousClock.Instant?, or isOver: () -> Bool = { false }) {
        ProcessEvents.wait(deadline: deadline) { hasEnded || isOver() }
    }

    private static func outcome(of body: @Sendable () async throws -> Void) async -> Outcome {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

/// The running services of a server.
final class ServiceTasks: Sendable {
    /// How long the server waits for cancelled services at least.
    private static let cancellationGrace = Duration.milliseconds(500)

    private let running = Locked<[(name: String, task: ProgramTask)]>([])

    /// Starts the services of an attempt to start the server. When one ends that was not cancelled, that is recorded in
    /// `lifecycle` and logged, and then `whenFailed` is called, on a thread of the Swift runtime.
    func start(
        _ services: [ServerConfiguration.Service], _ lifecycle: ServerLifecycle, attempt: Int,
        log: EventLog, whenFailed: @escaping @Sendable () -> Void
    ) {
        let tasks = services.map { service in
            let task = ProgramTask(of: lifecycle, service.run) { outcome in
                let error: ServerError =
                    switch outcome {
                    case .success: .serviceEnded(name: service.name)
                    case .failure(let error): .serviceFailed(name: service.name, ServerError.Cause(error))
                    }
                // Before the log, which may stop the server.
                lifecycle.serviceFailed(error, ofAttempt: attempt)
                log.report(.error, "a service ended, and the server stops", error: error)
                whenFailed()
            }
            return (name: service.name, task: task)
        }
        running.withLock { $0 = tasks }
    }

    /// Cancels all services, and blocks until they have ended, and their ends are logged, or the deadline has passed.
    func end(log: EventLog, deadline: () -> ContinuousClock.Instant) {
        let services = running.withLock { running in
            defer { running = [] }
            return running.filter { !$0.task.hasEnded }
        }
        guard !services.isEmpty else { return }
        for service in services { service.task.cancel() }
        let least = ServiceTasks.cancellationGrace.deadline
        ProcessEvents.wait(
            deadline: { max(deadline(), least) }, until: { services.allSatisfy(\.task.hasEnded) })
        // The others had ended too early, which is logged already.
        for service in services where service.task.isCancelled {
            switch service.task.result {
            case nil:
                log.report(.warning, "the service \(service.name) goes on although it was cancelled, and is left alone")
            case .failure(let error) where !(error is CancellationError):
                log.report(
                    .warning, "the service \(service.name) threw an error while the server stopped", error: error)
            default: break
            }
        }
    }
}
