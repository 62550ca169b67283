import Platform
import Synchronization

extension Scheduler {
    /// The numbers of jobs that were waiting at one moment, and that had been taken until then.
    private struct Mark {
        let takenShared, takenForked: UInt64
        let waitingShared, waitingForked: Int

        /// The numbers of jobs taken are read first: a job taken between the readings is in neither of them, so an
        /// error delays growth.
        init(_ scheduler: Scheduler) {
            takenShared = scheduler.counters.sum(.takenShared)
            takenForked = scheduler.counters.sum(.takenForked)
            waitingShared = scheduler.waitingSharedJobs
            waitingForked = scheduler.waitingForkedJobs
        }

        var isAnythingWaiting: Bool { waitingShared > 0 || waitingForked > 0 }

        /// Whether a job that waited at this mark still waits at `later`. Exact for the shared queue, which is first
        /// in, first out: if fewer were taken than waited, the last of them is still there. For forked jobs, which
        /// their owner takes newest first, it means that the workers don't catch up.
        func isStillWaiting(at later: Mark) -> Bool {
            later.takenShared < takenShared + UInt64(waitingShared)
                || later.takenForked < takenForked + UInt64(waitingForked)
        }
    }

    /// The loop of the monitor. While jobs wait, it checks after each threshold whether one of them has waited since
    /// the last check while every worker was busy, and then adds a thread; it also discards jobs that have waited for
    /// too long. In between, it replaces threads that wait. While no job waits, it sleeps.
    func monitor() {
        let threshold = configuration.growthThreshold.nanoseconds
        var starvation = StarvationWatch(configuration)
        while isRunning {
            monitorCalls.announce()
            // A job may have been queued, or the pool shut down, before the announcement was visible.
            if hasWaitingJobs || !isRunning {
                _ = monitorCalls.cancel()
            } else {
                monitorCalls.wait(timeoutNanoseconds: nil)
            }
            // At least one pause for each call, so that calls cost little even if all workers are often busy.
            var mark = Mark(self)
            var start = Clock.nanoseconds()
            starvation.restart(self)
            repeat {
                handOffIfNeeded()
                let now = pauseMonitor(from: start, nanoseconds: threshold)
                guard now - start >= threshold else { continue }
                start = now
                isHandingOffPaused.store(false, ordering: .relaxed)
                let next = Mark(self)
                if mark.isStillWaiting(at: next), isEveryoneBusy { grow() }
                starvation.check(self, at: now)
                mark = next
            } while mark.isAnythingWaiting && isRunning
        }
    }

    /// Wakes the monitor if it sleeps, or if it pauses although a thread that waits can be replaced. Otherwise, or
    /// without a monitor, it costs a few loads.
    func callMonitor() {
        if monitorCalls.sleepers > 0 {
            monitorCalls.wakeOne()
        } else if canHandOff {
            monitorPauses.wakeOne()
        }
    }

    /// Wakes the monitor because the phase has changed.
    func endMonitor() {
        monitorCalls.wakeAll()
        monitorPauses.wakeAll()
    }

    /// Adds a worker with a thread, if the kernel provides one. Called only by the monitor.
    private func grow() {
        guard (try? addThread()) != nil else { return }
        monitorCounts.add(1, to: .grown)
    }

    /// Starts a thread for the free worker with the lowest number.
    ///
    /// Must not be called by two threads at once: `ThreadPool.init` calls it before there is a monitor, then only the
    /// monitor does.
    func addThread() throws(SystemError) {
        guard let slot = slots.first(where: { $0.reserve() }) else { throw SystemError(unavailable: "add a thread") }
        liveWorkers.wrappingAdd(1, ordering: .relaxed)
        let name = "\(configuration.name)-\(slot.index)"
        do throws(SystemError) {
            try startThread(named: name, on: slot.location?.processor) { scheduler in
                scheduler.work(in: slot, isSearching: false)
            }
        } catch {
            liveWorkers.wrappingSubtract(1, ordering: .relaxed)
            slot.leave()
            throw error
        }
    }

    /// Starts a thread that retains the scheduler and reports its end.
    func startThread(
        named name: String, on processor: Int?, _ body: @escaping @Sendable (Scheduler) -> Void
    ) throws(SystemError) {
        liveThreads.wrappingAdd(1, ordering: .relaxed)
        do throws(SystemError) {
            // Not joined: `endings` reports when the last one ends.
            _ = try Thread(named: name, on: processor) {
                if let owner = self.configuration.owner {
                    ThreadOwner.mark(owner) { body(self) }
                } else {
                    body(self)
                }
                self.endThread()
            }
        } catch {
            liveThreads.wrappingSubtract(1, ordering: .relaxed)
            throw error
        }
    }

    private func endThread() {
        // Releasing: pairs with the load in `waitForThreads`, so that everything that the thread did is visible.
        // Sequentially consistent, so that either that load sees that the last thread is gone, or this one sees the
        // sleeper.
        if liveThreads.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
            endings.wakeAll()
        }
    }

    var isEveryoneBusy: Bool { standby.searchers == 0 && standby.sleepers == 0 }

    private var isRunning: Bool { phase.load(ordering: .sequentiallyConsistent) == .running }

    /// Pauses until `nanoseconds` after `start`, until a thread that waits is to be replaced, or until the phase
    /// changes. Returns the time.
    private func pauseMonitor(from start: Int64, nanoseconds: Int64) -> Int64 {
        monitorPauses.announce()
        // All that the monitor is woken for may have happened before the announcement was visible.
        if isRunning, !needsHandOff {
            monitorPauses.wait(timeoutNanoseconds: max(0, nanoseconds - (Clock.nanoseconds() - start)))
        } else {
            _ = monitorPauses.cancel()
        }
        return Clock.nanoseconds()
    }
}
