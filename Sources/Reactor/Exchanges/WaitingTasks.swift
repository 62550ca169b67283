/// Where the tasks of a reactor wait until it resumes them.
///
/// A task waits by a switch to this actor, whose executor keeps the task's job instead of running it. A continuation
/// would cost two switches between threads: it resumes its task on a thread of the Swift runtime, from which the task
/// has to return to the reactor.
package actor WaitingTasks: SerialExecutor {
    /// The number of a task that waits.
    package typealias Place = Int

    // `nonisolated(unsafe)`: used on the reactor's thread only, since what is isolated to this actor waits.
    private nonisolated(unsafe) var jobs: [UnownedJob?] = []
    private nonisolated(unsafe) var free: [Place] = []
    private nonisolated(unsafe) var next: Place = 0
    private var count = 0

    // Unowned: the executor of the reactor retains it.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe asUnownedSerialExecutor() }

    /// Reserves a place for the calling task, which must call `wait` next.
    nonisolated func reserve() -> Place {
        if unsafe free.isEmpty {
            unsafe free.append(jobs.count)
            unsafe jobs.append(nil)
        }
        unsafe next = unsafe free.removeLast()
        return unsafe next
    }

    /// Waits in the place that was reserved.
    // Touches the state, without which the optimizer leaves out the switch to this actor.
    func wait() { count &+= 1 }

    package nonisolated func enqueue(_ job: consuming ExecutorJob) { unsafe jobs[next] = UnownedJob(job) }

    /// Takes a task out of its place. It is to be run on this executor, and then returns to its own.
    nonisolated func take(_ place: Place) -> UnownedJob {
        unsafe free.append(place)
        guard let job = unsafe jobs[place].take() else { preconditionFailure("no task waits in this place") }
        return job
    }
}
