import Platform
import Synchronization

/// Threads that wait inside a job (`ThreadPool.whileWaiting`), and those that replace them.
///
/// A thread that waits keeps its worker until that is needed. When a job is queued while no worker searches or sleeps,
/// the monitor starts a thread, which takes over the worker of one that waits. When the latter returns, it has no
/// worker: it finishes its job as an extra thread, beside as many workers as before, and ends.
///
/// That no job is left while a worker waits rests on the same order of sequentially consistent accesses as in
/// `Standby`:
/// - A thread that begins to wait says so in its slot, then reads the searchers, the sleepers and the queues.
/// - A producer, or a searcher that leaves a job behind, has queued it, found nobody to help, and then calls the
///   monitor, which asks for workers that wait.
/// - The monitor announces its pause, then asks for both.
///
/// So whichever comes last of the job, the wait and the announcement sees the other two. A thread that is started
/// counts as searching from the start, like a sleeper that was woken, so that one wait is not used for two threads.
/// Tests/Models/standby.pml includes all of this.
extension Scheduler {
    /// Whether a worker waits and another thread may take it over.
    var canHandOff: Bool {
        waitingWorkers.load(ordering: .sequentiallyConsistent) > 0
            && extraThreads.load(ordering: .sequentiallyConsistent) < configuration.maximumWaitingThreads
            && !isHandingOffPaused.load(ordering: .relaxed)
    }

    /// Whether a job waits for a worker whose thread waits.
    var needsHandOff: Bool { canHandOff && isEveryoneBusy && hasWaitingJobs }

    /// Starts a thread in place of one that waits, if a job needs it and the kernel provides one. Called only by the
    /// monitor.
    func handOffIfNeeded() {
        guard needsHandOff else { return }
        _ = standby.beginSearching(limit: .max)
        do throws(SystemError) {
            try startThread(named: "\(configuration.name)-more", on: nil) { $0.takeOver() }
        } catch {
            _ = standby.endSearching()
            // Until the next threshold, or the monitor would try without a pause.
            isHandingOffPaused.store(true, ordering: .relaxed)
        }
    }

    /// Works in the slot of a thread that waits, if one still does.
    private func takeOver() {
        guard let slot = slots.first(where: { $0.takeOver() }) else { return endSearching() }
        waitingWorkers.wrappingSubtract(1, ordering: .relaxed)
        // Before this thread stops to search, so that the monitor does not start too many.
        extraThreads.wrappingAdd(1, ordering: .relaxed)
        slot.worker.counts.add(1, to: .takenOver)
        work(in: slot, isSearching: true)
    }

    /// Makes room for another extra thread: the calling one ends.
    func endExtraThread() {
        extraThreads.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        if needsHandOff { callMonitor() }
    }
}
