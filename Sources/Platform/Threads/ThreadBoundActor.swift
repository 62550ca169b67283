/// An actor whose executor runs everything on one thread.
package protocol ThreadBoundActor: Actor {
    /// Whether the calling thread is the actor's.
    nonisolated var isCurrent: Bool { get }

    /// Touches the actor's state. In a function that does not, the optimizer of Swift 6.3 leaves out the switch to the
    /// actor's executor.
    func enter()
}

/// Calls `body` isolated to an actor and on its thread, wherever the caller runs.
///
/// Neither follows from the other. A task that `Task.immediate` starts begins on the thread of the code that starts it,
/// and after its first wait continues on its own executor. A function that is isolated to the actor, and does no more
/// than call a closure, may run on any thread, since the optimizer of Swift 6.3 leaves out the switch.
package func resume<Result: Sendable>(
    on actor: some ThreadBoundActor, isolation: isolated (any Actor)? = #isolation,
    _ body: nonisolated(nonsending) () async throws -> Result
) async throws -> Result {
    if isolation === actor, actor.isCurrent { return try await body() }
    return try await withoutActuallyEscaping(body) { body in
        // Without it, the closure would not have the caller's isolation, and could not use `body`.
        _ = isolation
        return try await actor.perform(Crossing(body: body))
    }
}

extension ThreadBoundActor {
    fileprivate func perform<Result>(_ crossing: Crossing<Result>) async throws -> Result {
        enter()
        return try await crossing.body()
    }
}

/// Runs the jobs that a thread leaves to its executor when it ends: on the threads of the Swift runtime, one at a time,
/// since they are isolated to an actor.
package actor StrayJobs {
    private var count = 0

    package init() {}

    /// Runs a job of an executor soon. Any thread.
    package nonisolated func add(_ job: UnownedJob, of executor: some SerialExecutor) {
        Task.detached { await self.run(job, on: executor) }
    }

    private func run(_ job: UnownedJob, on executor: some SerialExecutor) {
        // Touches the state, without which the optimizer leaves out the switch to this actor.
        count &+= 1
        unsafe job.runSynchronously(on: executor.asUnownedSerialExecutor())
    }
}

/// A function that another executor calls while its caller waits.
private struct Crossing<Result: Sendable>: @unchecked Sendable {
    // `@unchecked Sendable`: whatever the function captures is used by one task, which is in one place at a time.
    let body: nonisolated(nonsending) () async throws -> Result
}
