import CLockFree
import Glibc
import Synchronization

extension Scheduler {
    /// What waited at one moment, and how many jobs had been taken until then.
    private struct Mark {
        let takenShared, takenForked: UInt64
        let waitingShared, waitingForked: Int

        /// The counts of what was taken come first: a job taken between the readings is in neither of them, so that
        /// the mark errs towards patience.
        init(_ scheduler: Scheduler) {
            takenShared = scheduler.statistics.sum(.takenShared)
            takenForked = scheduler.statistics.sum(.takenForked)
            waitingShared = scheduler.waitingSharedJobs
            waitingForked = scheduler.waitingForkedJobs
        }

        var isAnythingWaiting: Bool { waitingShared > 0 || waitingForked > 0 }

        /// Whether a job that waited at this mark still waits at `later`. Exact for the shared queue, which is first
        /// in, first out: if fewer were taken than waited, the last of them is still there. For forked jobs, which
        /// their owner takes newest first, it says that the workers don't get ahead.
        func isStillWaiting(at later: Mark) -> Bool {
            later.takenShared < takenShared + UInt64(waitingShared)
                || later.takenForked < takenForked + UInt64(waitingForked)
        }
    }

    /// The growth monitor's life: while jobs wait, it looks once in a threshold whether one of them has waited since
    /// the last look, with every worker busy, and then adds a thread. While none waits, it sleeps.
    func monitor() {
        let threshold = configuration.growthThreshold.wholeNanoseconds
        while isRunning {
            unsafe hs_parking_announce(monitorCalls)
            // A job may have been queued, or the pool shut down, before the announcement could be seen.
            if hasWaitingJobs || !isRunning {
                _ = unsafe hs_parking_cancel(monitorCalls)
            } else {
                _ = unsafe hs_parking_wait(monitorCalls, -1)
            }
            // At least one pause for each call, so that calls cost little however often all workers are busy.
            var mark = Mark(self)
            repeat {
                pauseMonitor(nanoseconds: threshold)
                let now = Mark(self)
                if mark.isStillWaiting(at: now), isEveryoneBusy, addThread() == 0 {
                    grown.wrappingAdd(1, ordering: .relaxed)
                }
                mark = now
            } while mark.isAnythingWaiting && isRunning
        }
    }

    /// Makes the monitor look, unless it does already. Costs a load then, and when there is no monitor.
    func callMonitor() {
        if unsafe hs_parking_sleepers(monitorCalls) > 0 { _ = unsafe hs_parking_wake_one(monitorCalls) }
    }

    /// Makes the monitor see that the phase has changed.
    func endMonitor() {
        _ = unsafe hs_parking_wake_all(monitorCalls)
        _ = unsafe hs_parking_wake_all(monitorPauses)
    }

    /// Gives the free worker with the lowest number a thread. Returns 0, or the errno of the failure.
    ///
    /// Not for two threads at once: `ThreadPool.init` calls it before there is a monitor, then only the monitor does.
    func addThread() -> Int32 {
        guard let worker = workers.first(where: { !$0.isTaken.load(ordering: .acquiring) }) else { return EAGAIN }
        // Relaxed: starting the thread passes everything on. The load above pairs with the store below.
        worker.isTaken.store(true, ordering: .relaxed)
        liveWorkers.wrappingAdd(1, ordering: .relaxed)
        let name = "\(configuration.name)-\(worker.index)"
        let result = startThread(named: name, on: worker.place?.processor) { scheduler in
            scheduler.work(as: worker)
            worker.isTaken.store(false, ordering: .releasing)
        }
        if result != 0 {
            liveWorkers.wrappingSubtract(1, ordering: .relaxed)
            worker.isTaken.store(false, ordering: .relaxed)
        }
        return result
    }

    /// Starts a thread that keeps the scheduler and says when it ends. Returns 0, or the errno of the failure.
    func startThread(
        named name: String, on processor: Int?, _ body: @escaping @Sendable (Scheduler) -> Void
    ) -> Int32 {
        liveThreads.wrappingAdd(1, ordering: .relaxed)
        let result = Thread.start(named: name, on: processor) {
            body(self)
            self.endThread()
        }
        if result != 0 { liveThreads.wrappingSubtract(1, ordering: .relaxed) }
        return result
    }

    private func endThread() {
        // Releasing: pairs with the load in `waitForThreads`, so that all that the thread did is seen by then.
        // Sequentially consistent, so that either that load sees the last thread gone, or this one the sleeper.
        if liveThreads.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
            _ = unsafe hs_parking_wake_all(endings)
        }
    }

    private var isEveryoneBusy: Bool { standby.searchers == 0 && standby.sleepers == 0 }

    private var isRunning: Bool { phase.load(ordering: .sequentiallyConsistent) == .running }

    private func pauseMonitor(nanoseconds: Int64) {
        unsafe hs_parking_announce(monitorPauses)
        if isRunning {
            _ = unsafe hs_parking_wait(monitorPauses, nanoseconds)
        } else {
            _ = unsafe hs_parking_cancel(monitorPauses)
        }
    }
}
