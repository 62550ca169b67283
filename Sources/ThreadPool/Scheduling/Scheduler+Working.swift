import Platform
import Synchronization

extension Scheduler {
    /// After so many jobs in a row from its own deque a worker looks into the shared queue first, so that jobs which
    /// keep forking don't starve what others submit.
    private static let ownJobsInARow = 60

    /// In one of so many turns (a prime) a worker first looks into the others' deques, so that jobs on the deque of a
    /// worker that is held up don't have to wait until the shared queue is empty.
    private static let stealingInterval: UInt64 = 61

    /// How many jobs a worker takes from the shared queue at once, at most, and how many must wait for each worker
    /// that there is before it takes one more than the first.
    private static let batch = 8
    private static let waitingForEachSpare = 16

    /// A worker's life: job after job until there is a reason to end.
    func work(as worker: Worker) {
        CurrentWorker.become(worker)
        while let job = nextJob(for: worker) { perform(job, by: worker) }
        CurrentWorker.become(nil)
    }

    /// Runs a job that was taken from a queue.
    private func perform(_ word: UInt, by worker: Worker) {
        let job = QueuedJob(word: word).take()
        let submittedAt = job.submittedAtNanoseconds
        if submittedAt != 0 {
            let now = Clock.nanoseconds()
            worker.waits.add(1, to: WaitTimeHistogram.Bucket(containing: UInt64(max(0, now - submittedAt))))
        }
        do {
            try job.run()
        } catch {
            worker.counts.add(1, to: .failed)
        }
        worker.counts.add(1, to: .completed)
    }

    /// Waits for a job. `nil`: the thread should end.
    private func nextJob(for worker: Worker) -> UInt? {
        worker.turn &+= 1
        var isSearching = false
        while true {
            // Before the look: only who knew that nothing would be queued any more, and then found nothing, may leave.
            // Acquiring: pairs with the store in `advance`, which came after the last push.
            let phase = phase.load(ordering: .acquiring)
            if phase == .discarding { break }
            if !isSearching, let job = takeQueued(for: worker) { return job }
            if let job = search(for: worker, isCounted: isSearching) { return job }
            isSearching = false
            if phase == .draining { break }
            switch rest(worker) {
            case .found(let job): return job
            case .woken: isSearching = true
            case .timedOut: if retire(worker) { return nil }
            case .notRunning: continue
            }
        }
        if isSearching { _ = standby.endSearching() }
        discardOwnJobs(of: worker)
        liveWorkers.wrappingSubtract(1, ordering: .relaxed)
        return nil
    }

    /// Takes a job from the worker's own deque or the shared queue.
    private func takeQueued(for worker: Worker) -> UInt? {
        if worker.turn % Self.stealingInterval == 0, let job = steal(for: worker) { return job }
        if worker.ownJobsInARow >= Self.ownJobsInARow {
            worker.ownJobsInARow = 0
            if let job = takeShared(for: worker) { return job }
        }
        if let job = worker.deque.pop() {
            worker.ownJobsInARow += 1
            worker.counts.add(1, to: .takenForked)
            return job
        }
        worker.ownJobsInARow = 0
        return takeSeveral(for: worker)
    }

    /// Takes a job from the shared queue and, if very many wait, moves a few more to the worker's own deque, which is
    /// empty. One visit for many jobs: the queue's cache lines stay with this processor for the length of it.
    private func takeSeveral(for worker: Worker) -> UInt? {
        guard let first = takeShared(for: worker) else { return nil }
        let live = max(1, liveWorkers.load(ordering: .relaxed))
        let wanted = min(Self.batch, 1 + waitingSharedJobs / (live * Self.waitingForEachSpare))
        guard wanted > 1 else { return first }
        var spares = InlineArray<8, UInt>(repeating: 0)
        var count = 0
        while count < wanted - 1, let job = takeShared(for: worker) {
            // The worker touches it in a moment; until then its line is on the way.
            Processor.prefetch(job)
            spares[count] = job
            count += 1
        }
        // The newest goes first, so that the owner, who takes from the same end, runs them in their order.
        for index in stride(from: count - 1, through: 0, by: -1) {
            let isPushed = worker.deque.push(spares[index])
            precondition(isPushed, "an empty deque has room for a batch")
        }
        // As after any push to a deque, see `queue(_:)`: a worker may have looked in vain while they were in neither.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        callForHelp()
        return first
    }

    private func takeShared(for worker: Worker) -> UInt? {
        guard let job = injector.pop() else { return nil }
        worker.counts.add(1, to: .takenShared)
        return job
    }

    private func steal(for worker: Worker) -> UInt? {
        guard let job = worker.victims.steal(for: worker) else { return nil }
        worker.counts.add(1, to: .takenForked)
        worker.counts.add(1, to: .stolen)
        return job
    }

    /// Looks for a job everywhere, again and again for a while, unless half the workers do so already: then once.
    private func search(for worker: Worker, isCounted: Bool) -> UInt? {
        let limit = max(1, liveWorkers.load(ordering: .relaxed) / 2)
        guard isCounted || standby.beginSearching(limit: limit) else { return steal(for: worker) }
        var backoff = Backoff(processors: processorCount, isSpinningWorthwhile: worker.isSpinningWorthwhile)
        repeat {
            guard let job = takeSeveral(for: worker) ?? steal(for: worker) else { continue }
            // What was queued during the search woke nobody, so the last searcher hands the search on.
            if standby.endSearching(), hasWaitingJobs { callForHelp() }
            return job
        } while phase.load(ordering: .relaxed) == .running && backoff.wait()
        _ = standby.endSearching()
        return nil
    }

    private enum Rest {
        case found(UInt)
        case woken, timedOut, notRunning
    }

    /// Sleeps until there may be work, unless a last look finds some.
    private func rest(_ worker: Worker) -> Rest {
        standby.announce(worker.index)
        let job = takeShared(for: worker) ?? steal(for: worker)
        // Sequentially consistent: pairs with the store before `wakeAll`. Either it is seen here, or the waker sees
        // this sleeper.
        let isRunning = phase.load(ordering: .sequentiallyConsistent) == .running
        if job != nil || !isRunning {
            // Woken all the same: somebody counts on this searcher.
            if standby.cancel(worker.index), standby.endSearching(), hasWaitingJobs { callForHelp() }
            return job.map { .found($0) } ?? .notRunning
        }
        worker.counts.add(1, to: .parked)
        let start = Clock.nanoseconds()
        let isWoken = standby.sleep(worker.index, timeoutNanoseconds: restNanoseconds)
        worker.isSpinningWorthwhile = Clock.nanoseconds() - start < Backoff.worthwhileNanoseconds
        return isWoken ? .woken : .timedOut
    }

    /// For ever while there are no more workers than the fewest, so that an idle pool costs nothing at all.
    private var restNanoseconds: Int64? {
        let isSurplus = liveWorkers.load(ordering: .relaxed) > configuration.threads.lowerBound
        return isSurplus ? configuration.idleTimeout.nanoseconds : nil
    }

    /// Gives up one worker, if there are more than the fewest. True: the calling thread must end.
    ///
    /// A job that is queued while the worker leaves, when all others are busy, is the monitor's: it was called.
    private func retire(_ worker: Worker) -> Bool {
        var live = liveWorkers.load(ordering: .relaxed)
        while live > configuration.threads.lowerBound {
            let (isExchanged, original) = liveWorkers.weakCompareExchange(
                expected: live, desired: live - 1, ordering: .relaxed)
            if isExchanged {
                worker.counts.add(1, to: .retired)
                return true
            }
            live = original
        }
        return false
    }
}
