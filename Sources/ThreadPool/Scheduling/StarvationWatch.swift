import Platform
import Synchronization

/// Finds jobs that have waited for `Configuration.maximumWait`, and discards them. The monitor's own.
///
/// The queue is first in, first out. So the watch notes from time to time how many jobs have ever been queued: while
/// fewer have been taken, the oldest of them have waited since.
struct StarvationWatch {
    /// How many notes are taken in the time that a job may wait.
    private static let notesPerWait: Int64 = 16
    /// How many times the maximum wait must pass without such a job before another one is reported. Nothing more is
    /// reported before a thread has taken a job.
    private static let quietWaits: Int64 = 10

    private struct Note {
        let queued: UInt64
        let nanoseconds: Int64

        /// The number of jobs taken is read first: an error makes a job wait for another note. The time is read last:
        /// all jobs that are counted were submitted before it.
        init(_ scheduler: Scheduler) {
            let taken = scheduler.counters.sum(.takenShared)
            queued = taken + UInt64(scheduler.waitingSharedJobs)
            nanoseconds = Clock.nanoseconds()
        }
    }

    /// Nil if a job may wait for any time.
    private let maximumWait: Int64?
    private let threshold: Int64
    /// The oldest first.
    private var notes: [Note] = []
    /// When a job was last discarded, and how many the threads had taken until then; nil if none was.
    private var last: (nanoseconds: Int64, taken: UInt64)?

    init(_ configuration: ThreadPool.Configuration) {
        maximumWait = configuration.maximumWait?.nanoseconds
        threshold = configuration.growthThreshold.nanoseconds
    }

    /// Forgets older notes: jobs are waiting again.
    mutating func restart(_ scheduler: Scheduler) {
        guard maximumWait != nil else { return }
        notes = [Note(scheduler)]
    }

    /// Discards the jobs that have waited for too long while every worker was busy; to be called after each threshold.
    mutating func check(_ scheduler: Scheduler, at now: Int64) {
        guard let maximumWait else { return }
        // Early enough that the jobs queued after a note have not waited for longer when it is due.
        let leastWait = max(0, maximumWait - maximumWait / 8 - threshold)
        while let first = notes.first, now - first.nanoseconds >= leastWait {
            notes.removeFirst()
            let taken = scheduler.counters.sum(.takenShared)
            // Before jobs are discarded, which may shut the pool down. Without threads, that has happened already.
            let occupation = scheduler.occupation
            guard taken < first.queued, scheduler.isEveryoneBusy, occupation.threads > 0 else { continue }
            let count = scheduler.expireOldest(first.queued - taken, queuedBefore: now - leastWait)
            if count > 0 { didExpire(scheduler, occupation, at: now) }
        }
        let newest = notes.last?.nanoseconds ?? .min / 2
        if now - newest >= maximumWait / Self.notesPerWait { notes.append(Note(scheduler)) }
    }

    private mutating func didExpire(_ scheduler: Scheduler, _ occupation: ThreadPool.Starvation, at now: Int64) {
        let taken = scheduler.counters.sum(.takenShared) - scheduler.counters.sum(.expired)
        defer { last = (now, taken) }
        if let last, taken == last.taken || (now - last.nanoseconds) / Self.quietWaits < maximumWait ?? 0 { return }
        scheduler.configuration.whenStarved?(occupation)
    }
}

extension Scheduler {
    /// What the workers do: recent values.
    var occupation: ThreadPool.Starvation {
        let threads = liveWorkers.load(ordering: .relaxed)
        let waiting = waitingWorkers.load(ordering: .relaxed)
        return ThreadPool.Starvation(threads: threads, waitingThreads: min(max(0, waiting), threads))
    }

    /// Discards up to `most` jobs from the front of the shared queue that were queued before a time. Returns how many.
    fileprivate func expireOldest(_ most: UInt64, queuedBefore time: Int64) -> Int {
        for count in 0..<Int(clamping: most) {
            guard let word = injector.pop() else { return count }
            monitorCounts.add(1, to: .takenShared)
            let job = QueuedJob(word: word)
            guard job.submission.nanoseconds <= time else {
                // A worker took the one that was meant.
                putBack(word)
                return count
            }
            monitorCounts.add(1, to: .expired)
            job.take().discard(.waitedTooLong)
        }
        return Int(clamping: most)
    }

    /// Queues a job again.
    private func putBack(_ word: UInt) {
        guard let pass = gate.beginReturn() else { return discard(word, monitorCounts) }
        let isQueued = injector.push(word)
        gate.endReturn(pass)
        if isQueued {
            // A worker may have searched in vain while the job was in no queue.
            callForHelp()
        } else {
            monitorCounts.add(1, to: .expired)
            QueuedJob(word: word).take().discard(.waitedTooLong)
        }
    }
}
