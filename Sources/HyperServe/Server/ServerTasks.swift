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
        var isCancelled = false
    }

    private let state: Locked<State>

    /// Starts the task, on the threads of the Swift runtime. `whenEnded` is called at its end, unless it was cancelled.
    init(
        of lifecycle: ServerLifecycle, _ body: @escaping @Sendable () async throws -> Void,
        whenEnded: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) {
        let state = Locked(State())
        self.state = state
        let task = Task.detached {
            let result = await ServerTask.$lifecycle.withValue(lifecycle) { await ProgramTask.outcome(of: body) }
            let isCancelled = state.withLock { state in
                state.result = result
                return state.isCancelled
            }
            ProcessEvents.announce()
            if !isCancelled { whenEnded(result) }
        }
        state.withLock { $0.task = task }
    }

    /// How the task has ended; nil if it hasn't.
    var result: Outcome? { state.withLock { $0.result } }

    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        // Without the lock: it calls cancellation handlers.
        task?.cancel()
    }

    /// Blocks until the task has ended, the deadline has passed, or `isOver` returns true. All are checked again after
    /// each event of the process.
    func wait(deadline: () -> ContinuousClock.Instant?, or isOver: () -> Bool = { false }) {
        ProcessEvents.wait(deadline: deadline) { result != nil || isOver() }
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

    /// Starts services. `whenFailed` is called, on a thread of the Swift runtime, when one ends that was not cancelled.
    func start(
        _ services: [ServerConfiguration.Service], _ lifecycle: ServerLifecycle,
        log: EventLog, whenFailed: @escaping @Sendable (ServerError) -> Void
    ) {
        let tasks = services.map { service in
            let task = ProgramTask(of: lifecycle, service.run) { outcome in
                let error: ServerError =
                    switch outcome {
                    case .success: .serviceEnded(name: service.name)
                    case .failure(let error): .serviceFailed(name: service.name, ServerError.Cause(error))
                    }
                log.report(.error, "a service ended, and the server stops", error: error)
                whenFailed(error)
            }
            return (name: service.name, task: task)
        }
        running.withLock { $0 = tasks }
    }

    /// Cancels all services, and blocks until they have ended or the deadline has passed.
    func end(log: EventLog, deadline: () -> ContinuousClock.Instant) {
        let services = running.withLock { running in
            defer { running = [] }
            return running.filter { $0.task.result == nil }
        }
        guard !services.isEmpty else { return }
        for service in services { service.task.cancel() }
        let least = ServiceTasks.cancellationGrace.deadline
        ProcessEvents.wait(
            deadline: { max(deadline(), least) }, until: { services.allSatisfy { $0.task.result != nil } })
        for service in services {
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
