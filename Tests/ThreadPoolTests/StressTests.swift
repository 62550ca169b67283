import Glibc
import Platform
import Synchronization
import Testing
import ThreadPool

@Suite("Everything at once")
struct StressTests {
    private static let producers = 8
    private static let jobs = Stress.isLong ? 10_000_000 : 200_000

    @Test(
        "jobs from eight threads, in storms of growing and shrinking and with a shutdown, are all accounted for",
        arguments: [ThreadPool.ShutdownMode.drain, .discard])
    func storms(mode: ThreadPool.ShutdownMode) throws {
        let pool = try ThreadPool(
            configuration: .init(
                threads: 1...8, queueCapacity: 4_096, growthThreshold: .milliseconds(1), idleTimeout: .milliseconds(1)))
        let ran = Counter()
        let refused = Counter()
        let submitted = Counter()
        let report = Locked<ThreadPool.ShutdownReport?>(nil)
        Threads.run(Self.producers + 1) { number in
            guard number < Self.producers else {
                // Nine tenths come before the shutdown, the rest during and after it.
                while submitted.value < Self.jobs / 10 * 9 { usleep(100) }
                let result = pool.shutdown(mode)
                return report.withLock { $0 = result }
            }
            for job in 0..<Self.jobs / Self.producers {
                submitted.increment()
                do {
                    try pool.submit {
                        // Now and then all workers are held up: the pool grows. Between storms it shrinks.
                        if job % 2_000 < 8 { usleep(2_000) }
                        ran.increment()
                    }
                } catch {
                    refused.increment()
                }
                if job % 5_000 == 4_999 { _ = eventually { pool.statistics.threads <= 1 } }
            }
        }
        let result = try #require(report.withLock { $0 })
        let statistics = pool.statistics
        #expect(ran.value + refused.value + result.discarded == Self.jobs)
        #expect(result.running == 0 && (mode == .discard || result.discarded == 0))
        #expect(statistics.submitted == UInt64(Self.jobs))
        #expect(statistics.completed == UInt64(ran.value))
        #expect(statistics.rejected == UInt64(refused.value))
        #expect(statistics.discarded == UInt64(result.discarded))
        #expect(statistics.threadsAdded > 0 && statistics.threadsRetired > 0)
    }

    /// Counts how it ended.
    private final class Ending: ThreadPool.Job, @unchecked Sendable {
        // `@unchecked Sendable`: constants and an atomic.
        private let number: Int
        private let tally: Tally
        private let endings = Atomic<Int>(0)

        struct Tally: Sendable {
            let ran = Counter()
            let expired = Counter()
            let discarded = Counter()
        }

        init(_ number: Int, _ tally: Tally) {
            self.number = number
            self.tally = tally
        }

        var hasEndedOnce: Bool { endings.load(ordering: .relaxed) == 1 }

        override func run() {
            // Some wait, some are held up, and some wait again after they may have been replaced.
            switch number % 500 {
            case 0..<8: ThreadPool.whileWaiting { _ = usleep(1_500) }
            case 8: usleep(1_500)
            case 9..<20:
                for _ in 0..<3 { ThreadPool.whileWaiting { _ = sched_yield() } }
            default: break
            }
            endings.wrappingAdd(1, ordering: .relaxed)
            tally.ran.increment()
        }

        override func discard(_ reason: ThreadPool.DiscardReason) {
            endings.wrappingAdd(1, ordering: .relaxed)
            (reason == .shutDown ? tally.discarded : tally.expired).increment()
        }
    }

    @Test(
        "each job runs, expires or is refused exactly once, while threads wait, are replaced and end",
        arguments: [ThreadPool.ShutdownMode.drain, .discard])
    func waits(mode: ThreadPool.ShutdownMode) throws {
        let total = Self.jobs / 4
        let pool = try ThreadPool(
            configuration: .init(
                threads: 1...3, queueCapacity: 1_024, growthThreshold: .milliseconds(1), maximumWaitingThreads: 6,
                maximumWait: .milliseconds(2), idleTimeout: .milliseconds(1)))
        let tally = Ending.Tally()
        let refused = Counter()
        let jobs = (0..<total).map { Ending($0, tally) }
        let isAccepted = (0..<total).map { _ in Counter() }
        let report = Locked<ThreadPool.ShutdownReport?>(nil)
        Threads.run(Self.producers + 1) { producer in
            guard producer < Self.producers else {
                while tally.ran.value + tally.expired.value + refused.value < total / 10 * 9 { usleep(100) }
                let result = pool.shutdown(mode)
                return report.withLock { $0 = result }
            }
            for number in stride(from: producer, to: total, by: Self.producers) {
                do {
                    try pool.submit(jobs[number])
                    isAccepted[number].increment()
                } catch {
                    refused.increment()
                    if pool.statistics.queueDepth > 0 { usleep(200) }
                }
            }
        }
        let result = try #require(report.withLock { $0 })
        let statistics = pool.statistics
        #expect(result.running == 0 && result.discarded == tally.discarded.value)
        #expect(tally.ran.value + tally.expired.value + tally.discarded.value + refused.value == total)
        #expect((0..<total).allSatisfy { jobs[$0].hasEndedOnce == (isAccepted[$0].value == 1) })
        #expect(statistics.submitted == UInt64(total) && statistics.rejected == UInt64(refused.value))
        #expect(statistics.completed == UInt64(tally.ran.value))
        #expect(statistics.expired == UInt64(tally.expired.value))
        #expect(statistics.discarded == UInt64(tally.discarded.value))
        #expect(statistics.threadsReplaced > 0)
        #expect(statistics.threads == 0 && statistics.extraThreads == 0)
    }

    @Test("of two jobs that wait for each other, the second never waits behind the first while a worker sleeps")
    func pairs() throws {
        let pool = try ThreadPool(configuration: .init(threads: 2...2))
        let rounds = Stress.isLong ? 2_000_000 : 100_000
        var round = 0
        while round < rounds {
            let arrived = Counter()
            let ended = Counter()
            for _ in 0..<2 {
                try pool.submit {
                    arrived.increment()
                    while arrived.value < 2 { sched_yield() }
                    ended.increment()
                }
            }
            // Most of a short wait is over at once; `eventually` would make each round a millisecond long.
            var looks = 0
            while ended.value < 2, looks < 10_000 {
                sched_yield()
                looks += 1
            }
            guard eventually({ ended.value == 2 }) else {
                Issue.record("stuck in round \(round)")
                arrived.increment()
                break
            }
            round += 1
        }
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("forks, thieves, objects and awaiting tasks don't interfere with each other")
    func mixture() async throws {
        let pool = try ThreadPool(configuration: .init(threads: 2...6, growthThreshold: .milliseconds(1)))
        let ran = Counter()
        let rounds = Stress.isLong ? 20_000 : 1_000
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<rounds {
                group.addTask {
                    try await pool.run {
                        for _ in 0..<4 { try pool.submit { ran.increment() } }
                        return 1
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == rounds)
        #expect(eventually { ran.value == rounds * 4 })
        #expect(pool.shutdown(.drain).isComplete)
    }
}
