import Platform

/// What the tasks of a reactor's async handlers are isolated to, so that the handlers' own code runs on the reactor's
/// thread.
///
/// Isolation goes no further than that code. Whatever it awaits runs where it would in any other task: an actor on its
/// own executor, `@concurrent` functions, child tasks and plain functions of a module without
/// `NonisolatedNonsendingByDefault` on the threads of the Swift runtime. (With a task executor, all of these would run
/// on the reactor, and one that blocks would stop every connection.)
package actor ReactorActor: ThreadBoundActor {
    nonisolated let executor: ReactorExecutor
    private var startCount = 0

    init(_ executor: ReactorExecutor) { self.executor = executor }

    /// The executor of the reactor's thread.
    // Unowned: this actor retains it, and whatever is isolated to the actor retains that.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Starts a task of an exchange on the reactor; on its thread.
    package nonisolated func start(
        _ exchange: Exchange, _ operation: @escaping @Sendable (isolated ReactorActor) async -> Void
    ) {
        executor.resumeTask()
        exchange.worker = assumeIsolated { $0.makeTask(operation) }
        exchange.task = exchange.worker
    }

    /// Starts a task of an exchange on the reactor; from another thread. If the reactor has ended, the task runs on the
    /// threads of the Swift runtime.
    package nonisolated func startRemotely(
        _ exchange: Exchange, _ operation: @escaping @Sendable (isolated ReactorActor) async -> Void
    ) {
        // A task that is isolated to an actor is queued at the actor's executor by the thread that creates it. So this
        // one needs no thread of the Swift runtime, all of which may be occupied.
        let create = { (actor: isolated ReactorActor) in
            _ = Task(priority: .userInitiated) { actor.begin(exchange, operation) }
        }
        // As `assumeIsolated` does, but on another thread: the function creates a task, and uses nothing of the actor.
        unsafe unsafeBitCast(create, to: ((ReactorActor) -> Void).self)(self)
    }

    private func begin(
        _ exchange: Exchange, _ operation: @escaping @Sendable (isolated ReactorActor) async -> Void
    ) {
        if isCurrent { executor.resumeTask() }
        exchange.worker = makeTask(operation)
        exchange.task = exchange.worker
    }

    private func makeTask(
        _ operation: @escaping @Sendable (isolated ReactorActor) async -> Void
    ) -> Task<Void, Never> {
        // A client waits for it, so its jobs take precedence where it shares threads: above all, on those of the Swift
        // runtime, where it is for a moment after `Task.sleep` and `Task.yield`.
        Task(priority: .userInitiated) {
            enter()
            await operation(self)
        }
    }

    package nonisolated var isCurrent: Bool { executor.isCurrent }

    package func enter() { startCount &+= 1 }
}
