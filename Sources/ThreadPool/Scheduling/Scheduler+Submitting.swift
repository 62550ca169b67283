import Platform
import Synchronization

extension Scheduler {
    /// Queues a job: on the caller's own deque if the caller is a worker and has room there and there is no maximum
    /// wait, otherwise in the shared queue.
    ///
    /// Lock-free; calls the kernel only when a sleeper must be woken.
    ///
    /// Once the job is queued, it may be run and freed, so that is not used any more; the scheduler is. The caller
    /// keeps it alive, whatever the job does: the caller of `ThreadPool.submit` has a reference to the pool, and the
    /// monitor to the scheduler. So has the task in `ThreadPool.run`, which does not continue before the submission has
    /// ended.
    func submit(_ job: QueuedJob) throws(ThreadPool.SubmitError) {
        guard let pass = gate.begin() else {
            _ = job.take()
            throw .shutDown
        }
        let isMeasured = pass.sequence & samplingMask == 0
        let needsTime = isMeasured || configuration.maximumWait != nil
        job.submission = Submission(nanoseconds: needsTime ? Clock.nanoseconds() : 0, isMeasured: isMeasured)
        let isAccepted = queue(job.word)
        gate.end(pass, accepted: isAccepted)
        guard isAccepted else {
            _ = job.take()
            throw .full
        }
        callForHelp()
    }

    private func queue(_ job: UInt) -> Bool {
        // With a maximum wait, all jobs are in the shared queue, whose order is that of their waits.
        if configuration.maximumWait == nil, let worker = PoolThread.of(self)?.worker, worker.deque.push(job) {
            // Between the push and the reading of searchers and sleepers, see `Standby`. A push into the shared queue
            // is sequentially consistent by itself.
            atomicMemoryFence(ordering: .sequentiallyConsistent)
            return true
        }
        return injector.push(job)
    }

    /// Ensures that queued jobs are taken: now if a worker is free, later by way of the monitor if all are busy.
    @inline(__always) func callForHelp() {
        if !standby.callForHelp() { callMonitor() }
    }

    /// Whether a job waits in any queue. The last searcher that calls this after it has left sees each job that was
    /// queued by a thread that saw a searcher: the number of searchers, and a fence on each side, put them in order.
    var hasWaitingJobs: Bool {
        if !injector.isEmpty { return true }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return waitingForkedJobs > 0
    }

    /// The number of jobs on deques: a recent value.
    var waitingForkedJobs: Int {
        slots.reduce(0) { count, slot in count + slot.thief.count }
    }

    /// The number of jobs in the shared queue: a recent value.
    var waitingSharedJobs: Int { injector.count }
}
