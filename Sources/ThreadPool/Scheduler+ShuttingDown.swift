import CLockFree
import Glibc
import Synchronization

extension Scheduler {
    /// Refuses jobs from now on, and makes the threads end when they have done what `phase` asks of them.
    func end(_ phase: Phase) {
        gate.close { sched_yield() }
        advance(to: phase)
    }

    /// Shuts down as `ThreadPool.shutdown` says. Never from a worker.
    func shutdown(_ mode: ThreadPool.ShutdownMode, deadline: ContinuousClock.Instant?) -> ThreadPool.ShutdownReport {
        if isShutdownTaken.exchange(true, ordering: .relaxed) {
            // The load acquires: pairs with the store below, so that the report is there.
            wait(until: nil) { isShutdownOver.load(ordering: .sequentiallyConsistent) }
        } else {
            shutDown(mode, deadline: deadline)
            isShutdownOver.store(true, ordering: .sequentiallyConsistent)
            _ = unsafe hs_parking_wake_all(endings)
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
        // is in a worker's hands.
        let discarded = discarded.load(ordering: .relaxed)
        reportedDiscarded.store(discarded, ordering: .relaxed)
        reportedRunning.store(gate.accepted - discarded - statistics.sum(.completed), ordering: .relaxed)
    }

    /// Lets every thread see a later phase of the pool's life, whether it sleeps or not.
    private func advance(to next: Phase) {
        guard phase.load(ordering: .relaxed) < next else { return }
        // Sequentially consistent: pairs with the load in `rest`. Either the worker sees the phase there, or it has
        // announced itself, and is woken here.
        phase.store(next, ordering: .sequentiallyConsistent)
        standby.wakeAll()
        endMonitor()
    }

    /// Waits until every thread has ended, or until the deadline.
    private func waitForThreads(until deadline: ContinuousClock.Instant?) {
        wait(until: deadline) { liveThreads.load(ordering: .sequentiallyConsistent) == 0 }
    }

    /// Sleeps at `endings` until `isOver`, which must look at something that is changed, sequentially consistent,
    /// before those who sleep there are woken: either it is seen here after the announcement, or the waker sees that.
    private func wait(until deadline: ContinuousClock.Instant?, _ isOver: () -> Bool) {
        while true {
            unsafe hs_parking_announce(endings)
            if isOver() {
                _ = unsafe hs_parking_cancel(endings)
                return
            }
            let left = deadline.map { max(0, ContinuousClock.now.duration(to: $0).wholeNanoseconds) } ?? -1
            if unsafe !hs_parking_wait(endings, left) { return }
        }
    }

    /// Takes every job out of every queue. None can be added: submitters have left, and no new ones get in.
    private func discardWaitingJobs() {
        var job: UInt = 0
        while unsafe hs_queue_pop(injector, &job) { discard(job) }
        for worker in workers {
            while true {
                let result = unsafe hs_deque_steal(worker.deque, &job)
                if result == HS_STEAL_EMPTY { break }
                if result == HS_STEAL_SUCCESS { discard(job) }
            }
        }
    }

    /// Empties the deque of a worker that ends, on its own thread. There is something in it only if the worker moved
    /// jobs there while `discardWaitingJobs` was under way.
    func discardOwnJobs(of worker: Worker) {
        var job: UInt = 0
        while unsafe hs_deque_pop(worker.deque, &job) { discard(job) }
    }

    private func discard(_ word: UInt) {
        discarded.wrappingAdd(1, ordering: .relaxed)
        QueuedJob(word: word).take().discard()
    }
}
