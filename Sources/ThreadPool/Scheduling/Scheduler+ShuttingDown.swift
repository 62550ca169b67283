import Platform
import Synchronization

extension Scheduler {
    /// Refuses further jobs, and makes the threads end when they have done what `phase` requires.
    func end(_ phase: Phase) {
        gate.close { Thread.yield() }
        advance(to: phase)
    }

    /// Shuts down as described for `ThreadPool.shutdown`. Must not be called by a worker.
    func shutdown(_ mode: ThreadPool.ShutdownMode, deadline: ContinuousClock.Instant?) -> ThreadPool.ShutdownReport {
        if isShutdownTaken.exchange(true, ordering: .relaxed) {
            // The load acquires: pairs with the store below, so that the report is complete.
            wait(until: nil) { isShutdownOver.load(ordering: .sequentiallyConsistent) }
        } else {
            shutDown(mode, deadline: deadline)
            isShutdownOver.store(true, ordering: .sequentiallyConsistent)
            endings.wakeAll()
        }
        return ThreadPool.ShutdownReport(
            discarded: Int(reportedDiscarded.load(ordering: .relaxed)),
            running: Int(reportedRunning.load(ordering: .relaxed))
        )
    }

    private func shutDown(_ mode: ThreadPool.ShutdownMode, deadline: ContinuousClock.Instant?) {
        switch mode {
        case .drain:
            end(.draining)
            waitForThreads(until: deadline)
            advance(to: .discarding)
            discardWaitingJobs()
        case .discard:
            end(.discarding)
            discardWaitingJobs()
            waitForThreads(until: deadline)
        }
        // The gate is closed and the queues are empty: a job that was accepted, and neither completed nor discarded,
        // is running on a thread.
        let discarded = counters.sum(.discarded)
        reportedDiscarded.store(discarded, ordering: .relaxed)
        reportedRunning.store(gate.accepted - discarded - counters.sum(.expired) - completed, ordering: .relaxed)
    }

    /// Enters a later phase, and wakes all threads that sleep.
    private func advance(to next: Phase) {
        guard phase.load(ordering: .relaxed) < next else { return }
        // Sequentially consistent: pairs with the load in `rest`. Either the worker sees the phase there, or it has
        // announced itself, and is woken here.
        phase.store(next, ordering: .sequentiallyConsistent)
        standby.wakeAll()
        endMonitor()
    }

    /// Waits until every thread has ended, until the deadline, or until `endShutdownWait` was called.
    private func waitForThreads(until deadline: ContinuousClock.Instant?) {
        wait(until: deadline) {
            liveThreads.load(ordering: .sequentiallyConsistent) == 0
                || isShutdownWaitOver.load(ordering: .sequentiallyConsistent)
        }
    }

    /// Ends `waitForThreads`.
    func endShutdownWait() {
        // Sequentially consistent, as `wait` requires.
        isShutdownWaitOver.store(true, ordering: .sequentiallyConsistent)
        endings.wakeAll()
    }

    /// Sleeps at `endings` until `isOver`. Its condition must be changed with sequential consistency before the
    /// sleepers there are woken: either the change is seen here after the announcement, or the waker sees the
    /// announcement.
    private func wait(until deadline: ContinuousClock.Instant?, _ isOver: () -> Bool) {
        while true {
            endings.announce()
            if isOver() {
                _ = endings.cancel()
                return
            }
            let left = deadline.map { max(0, ContinuousClock.now.duration(to: $0).nanoseconds) }
            if !endings.wait(timeoutNanoseconds: left) { return }
        }
    }

    /// Discards the jobs in all queues. None can be added: the gate is closed, and no submission is in progress.
    private func discardWaitingJobs() {
        while let job = injector.pop() { discard(job, shutdownCounts) }
        for slot in slots {
            while let job = slot.thief.steal() { discard(job, shutdownCounts) }
        }
    }

    /// Empties the deque of a worker that ends, on its own thread. It is empty unless the worker moved jobs there
    /// during `discardWaitingJobs`.
    func discardOwnJobs(of worker: Worker) {
        while let job = worker.deque.pop() { discard(job, worker.counts) }
    }

    /// Discards a job because of the shutdown.
    func discard(_ word: UInt, _ counts: borrowing Counters<PoolCount>.Writer) {
        counts.add(1, to: .discarded)
        QueuedJob(word: word).take().discard(.shutDown)
    }
}
