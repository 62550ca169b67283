import Platform
import Synchronization

extension Scheduler {
    /// Queues a job: on the caller's own deque if the caller is a worker and has room there, else in the shared queue.
    ///
    /// Lock-free; calls the kernel only when a sleeper must be woken.
    func submit(_ job: QueuedJob) throws(ThreadPool.SubmitError) {
        guard let pass = gate.enter() else {
            _ = job.take()
            throw .shutDown
        }
        job.submittedAtNanoseconds = pass.sequence & samplingMask == 0 ? Clock.nanoseconds() : 0
        let isAccepted = queue(job.word)
        gate.leave(pass, accepted: isAccepted)
        guard isAccepted else {
            _ = job.take()
            throw .full
        }
        callForHelp()
    }

    private func queue(_ job: UInt) -> Bool {
        if let worker = CurrentWorker.of(self), worker.deque.push(job) {
            // Between the push and the look at searchers and sleepers, see `Standby`; a push into the shared queue is
            // sequentially consistent by itself.
            atomicMemoryFence(ordering: .sequentiallyConsistent)
            return true
        }
        return injector.push(job)
    }

    /// Sees to it that what is queued will be looked at: now if somebody is free, later by the monitor if all are busy.
    @inline(__always) func callForHelp() {
        if !standby.callForHelp() { callMonitor() }
    }

    /// Whether a job waits anywhere. What was queued by a thread that then saw a searcher is seen by the last searcher
    /// that calls this after it has left: the number of searchers, and a fence on each side, put them in order.
    var hasWaitingJobs: Bool {
        if !injector.isEmpty { return true }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return waitingForkedJobs > 0
    }

    /// Jobs on deques: a recent figure.
    var waitingForkedJobs: Int {
        slots.reduce(0) { count, slot in count + slot.thief.count }
    }

    /// Jobs in the shared queue: a recent figure.
    var waitingSharedJobs: Int { injector.count }
}
