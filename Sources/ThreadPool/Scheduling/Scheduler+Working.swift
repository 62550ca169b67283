import Platform
import Synchronization

extension Scheduler {
    /// The number of jobs in a row from its own deque after which a worker checks the shared queue first, so that jobs
    /// which keep forking don't starve jobs from outside.
    private static let ownJobsInARow = 60

    /// The interval, in turns (a prime), after which a worker checks the other deques first, so that jobs on the deque
    /// of a worker that is delayed don't wait until the shared queue is empty.
    private static let stealingInterval: UInt64 = 61

    /// The most jobs that a worker takes from the shared queue at once, and the number of waiting jobs per worker for
    /// each one that it takes after the first.
    private static let batch = 8
    private static let waitingForEachSpare = 16

    /// The loop of a thread that holds a slot: runs jobs until there is a reason to end, or until another thread has
    /// taken the slot over.
    ///
    /// - Parameter isSearching: whether the thread counts as searching already.
    func work(in slot: WorkerSlot, isSearching: Bool) {
        let thread = PoolThread(self, slot)
        thread.run {
            var isSearching = isSearching
            while let worker = thread.worker, let job = nextJob(for: worker, isSearching: isSearching) {
                isSearching = false
                perform(job, by: worker, on: thread)
            }
        }
        if let slot = thread.slot { slot.leave() } else { endExtraThread() }
    }

    /// Runs a job that was taken from a queue.
    private func perform(_ word: UInt, by worker: Worker, on thread: PoolThread) {
        let job = QueuedJob(word: word).take()
        let submission = job.submission
        if submission.isMeasured {
            let wait = Clock.nanoseconds() - submission.nanoseconds
            worker.waits.add(1, to: WaitTimeHistogram.Bucket(containing: UInt64(max(0, wait))))
        }
        var isFailed = false
        do {
            try job.run()
        } catch {
            isFailed = true
        }
        // Another thread may have the worker by now.
        if let worker = thread.worker {
            if isFailed { worker.counts.add(1, to: .failed) }
            worker.counts.add(1, to: .completed)
        } else {
            // Relaxed: statistics, and the end of the thread publishes them.
            if isFailed { failedOnExtraThreads.wrappingAdd(1, ordering: .relaxed) }
            completedByExtraThreads.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// Waits for a job. Returns `nil` if the thread should end.
    private func nextJob(for worker: Worker, isSearching wasSearching: Bool) -> UInt? {
        worker.turn &+= 1
        var isSearching = wasSearching
        // A worker that was taken over may have jobs of its own, which a search would leave.
        if isSearching, let job = takeForked(for: worker) {
            endSearching()
            return job
        }
        while true {
            // Before the search: a worker may leave only if it finds nothing after learning that nothing more is
            // queued. Acquiring: pairs with the store in `advance`, which came after the last push.
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
        if let job = takeForked(for: worker) {
            worker.ownJobsInARow += 1
            return job
        }
        worker.ownJobsInARow = 0
        return takeSeveral(for: worker)
    }

    private func takeForked(for worker: Worker) -> UInt? {
        guard let job = worker.deque.pop() else { return nil }
        worker.counts.add(1, to: .takenForked)
        return job
    }

    /// Takes a job from the shared queue and, if very many wait, moves a few more to the worker's own deque, which is
    /// empty. Taking several at once keeps the queue's cache lines on this processor. With a maximum wait, which those
    /// on a deque would escape, it takes one.
    private func takeSeveral(for worker: Worker) -> UInt? {
        guard let first = takeShared(for: worker) else { return nil }
        if configuration.maximumWait != nil { return first }
        let live = max(1, liveWorkers.load(ordering: .relaxed))
        let wanted = min(Self.batch, 1 + waitingSharedJobs / (live * Self.waitingForEachSpare))
        guard wanted > 1 else { return first }
        var spares = InlineArray<8, UInt>(repeating: 0)
        var count = 0
        while count < wanted - 1, let job = takeShared(for: worker) {
            // The worker reads it in a moment; the cache line is fetched until then.
            Processor.prefetch(job)
            spares[count] = job
            count += 1
        }
        // The newest is pushed first, so that the owner, which takes from the same end, runs them in order.
        for index in stride(from: count - 1, through: 0, by: -1) {
            let isPushed = worker.deque.push(spares[index])
            precondition(isPushed, "an empty deque has room for a batch")
        }
        // As after any push to a deque, see `queue(_:)`: a worker may have searched in vain while they were in neither
        // queue.
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

    /// Searches all queues for a job, repeatedly for a while, or once if half the workers search already.
    private func search(for worker: Worker, isCounted: Bool) -> UInt? {
        let limit = max(1, liveWorkers.load(ordering: .relaxed) / 2)
        guard isCounted || standby.beginSearching(limit: limit) else { return steal(for: worker) }
        var backoff = Backoff(processors: processorCount, isSpinningWorthwhile: worker.isSpinningWorthwhile)
        repeat {
            guard let job = takeSeveral(for: worker) ?? steal(for: worker) else { continue }
            endSearching()
            return job
        } while phase.load(ordering: .relaxed) == .running && backoff.wait()
        _ = standby.endSearching()
        return nil
    }

    /// Ends a search that has found a job, or none to be had. Jobs queued meanwhile woke no worker, so the last
    /// searcher calls for help.
    func endSearching() {
        if standby.endSearching(), hasWaitingJobs { callForHelp() }
    }

    private enum Rest {
        case found(UInt)
        case woken, timedOut, notRunning
    }

    /// Sleeps until there may be work, unless a last search finds some.
    private func rest(_ worker: Worker) -> Rest {
        standby.announce(worker.index)
        let job = takeShared(for: worker) ?? steal(for: worker)
        // Sequentially consistent: pairs with the store before `wakeAll`. Either it is seen here, or the waker sees
        // this sleeper.
        let isRunning = phase.load(ordering: .sequentiallyConsistent) == .running
        if job != nil || !isRunning {
            // Woken nevertheless: it counts as searching.
            if standby.cancel(worker.index) { _ = standby.endSearching() }
            guard let job else { return .notRunning }
            // Jobs that were queued during its search, or since it was woken, woke no other worker.
            if hasWaitingJobs { callForHelp() }
            return .found(job)
        }
        worker.counts.add(1, to: .parked)
        let start = Clock.nanoseconds()
        let isWoken = standby.sleep(worker.index, timeoutNanoseconds: restNanoseconds)
        worker.isSpinningWorthwhile = Clock.nanoseconds() - start < Backoff.worthwhileNanoseconds
        return isWoken ? .woken : .timedOut
    }

    /// Without limit while there are only the minimum of workers, so that an idle pool uses no processor time.
    private var restNanoseconds: Int64? {
        let isSurplus = liveWorkers.load(ordering: .relaxed) > configuration.threads.lowerBound
        return isSurplus ? configuration.idleTimeout.nanoseconds : nil
    }

    /// Removes one worker if there are more than the minimum. Returns true if the calling thread must end.
    ///
    /// A job that is queued while the worker leaves, when all others are busy, is left to the monitor, which was
    /// called.
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
