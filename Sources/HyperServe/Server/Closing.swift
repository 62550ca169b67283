import Platform
import Reactor

/// What stops a server. It does not need the server, which may have been released.
struct Closing: Sendable {
    let configuration: ServerConfiguration
    let lifecycle: ServerLifecycle
    let publisher: RoutePublisher
    let services = ServiceTasks()

    /// How long reactors may take to end after the time for stopping. A reactor that closes many connections needs some
    /// of it; only one whose thread is blocked needs more.
    private static let reactorGrace = Duration.seconds(2)

    /// Asks the server to stop, and closes it on another thread unless it is being closed already.
    func begin() {
        if let group = lifecycle.requestStop() { startOnAnotherThread(group) }
    }

    /// Does the same if the server is serving since this attempt to start it, because a service ended.
    func begin(ofAttempt attempt: Int) {
        if let group = lifecycle.requestStop(ofAttempt: attempt) { startOnAnotherThread(group) }
    }

    /// Makes a server stop without waiting any longer, now or once it has been asked to.
    func hurry() {
        lifecycle.hurry()?.requestStop(deadlineMilliseconds: 0)
        publisher.blockingPool.endStopWait()
    }

    /// Blocks until a server that was asked to stop has stopped. Once `signalCount` exceeds 1, it stops without waiting
    /// any longer.
    func waitUntilStopped(_ signalCount: () -> UInt32) {
        lifecycle.wait(for: .stopped) { signalCount() > 1 }
        guard lifecycle.phase < .stopped else { return }
        hurry()
        lifecycle.wait(for: .stopped)
    }

    /// Drains and closes the server, for the one caller that received `group`.
    func run(_ group: ReactorGroup) {
        // This thread runs code of the program, such as the log, and can't wait for itself there.
        ThreadOwner.mark(ObjectIdentifier(lifecycle)) { close(group) }
    }

    private func close(_ group: ReactorGroup) {
        callStopHook()
        ProcessEvents.wait(deadline: { lifecycle.closingTime }, until: { false })
        lifecycle.beginClosing()
        group.requestStop(deadlineMilliseconds: max(.zero, lifecycle.deadline - .now).milliseconds)
        for index in group.join(deadline: { lifecycle.deadline.advanced(by: Self.reactorGrace) }) {
            publisher.log.report(
                .error, "a reactor has not ended within the time for stopping, and is left alone: a handler blocks it",
                fields: ["thread": "hs-reactor-\(index)"])
        }
        lifecycle.reactorsEnded()
        // Before the pool, on which services run closures until they are told to end.
        services.end(log: publisher.log) { lifecycle.deadline }
        publisher.stop(deadline: lifecycle.deadline)
        lifecycle.didClose()
    }

    /// Does the same without waiting for it.
    func startOnAnotherThread(_ group: ReactorGroup) {
        do throws(SystemError) {
            _ = try Thread(named: "hs-stop") { run(group) }
        } catch {
            // A thread of the runtime exists already. It is occupied for as long as the server takes to stop.
            Task.detached { run(group) }
        }
    }

    private func callStopHook() {
        guard let onStopping = configuration.onStopping else { return }
        let hook = ProgramTask(of: lifecycle, onStopping)
        hook.wait(deadline: { lifecycle.deadline })
        guard hook.result == nil else { return }
        hook.cancel()
        publisher.log.report(.warning, "onStopping has not returned within the time for stopping, and is left alone")
    }
}
