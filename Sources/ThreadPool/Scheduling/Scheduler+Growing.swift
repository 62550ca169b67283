import Glibc
import Platform
import Synchronization

extension Scheduler {
    /// What waited at one moment, and how many jobs had been taken until then.
    private struct Mark {
        let takenShared, takenForked: UInt64
        let waitingShared, waitingForked: Int

        /// The counts of what was taken come first: a job taken between the readings is in neither of them, so that
        /// the mark errs towards patience.
        init(_ scheduler: Scheduler) {
            takenShared = scheduler.counters.sum(.takenShared)
            takenForked = scheduler.counters.sum(.takenForked)
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
        let threshold = configuration.growthThreshold.nanoseconds
        while isRunning {
            monitorCalls.announce()
            // A job may have been queued, or the pool shut down, before the announcement could be seen.
            if hasWaitingJobs || !isRunning {
                _ = monitorCalls.cancel()
            } else {
                monitorCalls.wait(timeoutNanoseconds: nil)
            }
            // At least one pause for each call, so that calls cost little however often all workers are busy.
            var mark = Mark(self)
            repeat {
                pauseMonitor(nanoseconds: threshold)
                let now = Mark(self)
                if mark.isStillWaiting(at: now), isEveryoneBusy { grow() }
                mark = now
            } while mark.isAnythingWaiting && isRunning
        }
    }

    /// Makes the monitor look, unless it does already. Costs a load then, and when there is no monitor.
    func callMonitor() {
        if monitorCalls.sleepers > 0 { monitorCalls.wakeOne() }
    }

    /// Makes the monitor see that the phase has changed.
    func endMonitor() {
        monitorCalls.wakeAll()
        monitorPauses.wakeAll()
    }

    /// Adds a thread, if the kernel has one. Only the monitor.
    private func grow() {
        guard (try? addThread()) != nil else { return }
        monitorCounts.add(1, to: .grown)
    }

    /// Gives the free worker with the lowest number a thread.
    ///
    /// Not for two threads at once: `ThreadPool.init` calls it before there is a monitor, then only the monitor does.
    func addThread() throws(SystemError) {
        guard let slot = slots.first(where: { $0.reserve() }) else { throw SystemError("add a thread", code: EAGAIN) }
        liveWorkers.wrappingAdd(1, ordering: .relaxed)
        let name = "\(configuration.name)-\(slot.index)"
        do throws(SystemError) {
            try startThread(named: name, on: slot.place?.processor) { scheduler in
                slot.lendWorker { scheduler.work(as: $0) }
            }
        } catch {
            liveWorkers.wrappingSubtract(1, ordering: .relaxed)
            slot.cancelReservation()
            throw error
        }
    }

    /// Starts a thread that keeps the scheduler and says when it ends.
    func startThread(
        named name: String, on processor: Int?, _ body: @escaping @Sendable (Scheduler) -> Void
    ) throws(SystemError) {
        liveThreads.wrappingAdd(1, ordering: .relaxed)
        do throws(SystemError) {
            // Nobody joins it: `endings` says when the last one ends.
            _ = try Thread(named: name, on: processor) {
                body(self)
                self.endThread()
            }
        } catch {
            liveThreads.wrappingSubtract(1, ordering: .relaxed)
            throw error
        }
    }

    private func endThread() {
        // Releasing: pairs with the load in `waitForThreads`, so that all that the thread did is seen by then.
        // Sequentially consistent, so that either that load sees the last thread gone, or this one the sleeper.
        if liveThreads.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
            endings.wakeAll()
        }
    }

    private var isEveryoneBusy: Bool { standby.searchers == 0 && standby.sleepers == 0 }

    private var isRunning: Bool { phase.load(ordering: .sequentiallyConsistent) == .running }

    private func pauseMonitor(nanoseconds: Int64) {
        monitorPauses.announce()
        if isRunning {
            monitorPauses.wait(timeoutNanoseconds: nanoseconds)
        } else {
            _ = monitorPauses.cancel()
        }
    }
}
