import Glibc
import Platform
import Synchronization
import ThreadPool

// What jobs pass through on their way to a thread of the pool.
extension MeasuredOperation {
    static let lockFree = [
        MeasuredOperation(name: "queue-push-pop") { repeatQueueing() },
        MeasuredOperation(name: "deque-push-pop") { repeatForking() },
        MeasuredOperation(name: "pool-job", isCountable: false) { repeatSubmitting() },
    ]

    /// How many values or jobs wait at a time.
    private static let batchCount = 64

    /// Pushes a few values, then pops them, on one thread.
    private static func repeatQueueing() -> (Int) -> Int {
        let queue = MPMCQueue(capacity: batchCount)
        return { count in
            var sum = 0
            for _ in 0..<count / batchCount {
                for number in 0..<batchCount { precondition(queue.push(UInt(number))) }
                while let value = queue.pop() { sum += Int(value) }
            }
            return sum
        }
    }

    /// The same with a deque, by its owner.
    private static func repeatForking() -> (Int) -> Int {
        let deque = DequeOwner(capacity: batchCount)
        return { count in
            var sum = 0
            for _ in 0..<count / batchCount {
                for number in 0..<batchCount { precondition(deque.push(UInt(number))) }
                while let value = deque.pop() { sum += Int(value) }
            }
            return sum
        }
    }

    private final class CountingJob: ThreadPool.Job, @unchecked Sendable {
        // `@unchecked Sendable`: its only state is atomic.
        let runCount = Atomic(0)

        override func run() { runCount.add(1, ordering: .releasing) }
    }

    /// Runs jobs that only count on a pool with one thread, a few at a time.
    private static func repeatSubmitting() -> (Int) -> Int {
        do {
            let pool = try ThreadPool(configuration: .init(threads: 1...1))
            return { count in
                let jobs = (0..<batchCount).map { _ in CountingJob() }
                for round in 0..<count / batchCount {
                    for job in jobs {
                        do {
                            try pool.submit(job)
                        } catch {
                            preconditionFailure("there is room for a few jobs: \(error)")
                        }
                    }
                    // The jobs run in the order in which they were submitted. Acquire: pairs with the release in `run`,
                    // so that a job is only submitted again after it has run. Yields, or on one processor the pool's
                    // thread would wait for this one's time to be up.
                    while jobs[batchCount - 1].runCount.load(ordering: .acquiring) <= round { sched_yield() }
                }
                return jobs.reduce(0) { $0 + $1.runCount.load(ordering: .relaxed) }
            }
        } catch {
            preconditionFailure("no thread could be started: \(error)")
        }
    }
}
