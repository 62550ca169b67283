import Glibc
import Platform
import Testing
import ThreadPool

@Suite("A job that has waited for too long")
struct StarvationTests {
    /// Records how it ended.
    private final class Job: ThreadPool.Job, @unchecked Sendable {
        // `@unchecked Sendable`: constants; the counters are atomic, and the time is locked.
        let runs = Counter()
        let expirations = Counter()
        let discards = Counter()
        let wait = Locked<Duration?>(nil)
        private let start = ContinuousClock.now

        override func run() { runs.increment() }

        override func discard(_ reason: ThreadPool.DiscardReason) {
            wait.withLock { $0 = .now - start }
            (reason == .waitedTooLong ? expirations : discards).increment()
        }
    }

    private static func configuration(
        _ threads: ClosedRange<Int>, waiting: Int = 0, maximumWait: Duration = .milliseconds(200),
        _ whenStarved: (@Sendable (ThreadPool.Starvation) -> Void)? = nil
    ) -> ThreadPool.Configuration {
        .init(
            threads: threads, growthThreshold: .milliseconds(1), maximumWaitingThreads: waiting,
            maximumWait: maximumWait, whenStarved: whenStarved)
    }

    @Test("is discarded in time while every thread runs a job, and never runs", arguments: [1...1, 2...4])
    func expires(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(configuration: Self.configuration(threads))
        let latch = Latch()
        for _ in 0..<threads.upperBound { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == threads.upperBound })
        let jobs = (0..<20).map { _ in Job() }
        for job in jobs { try pool.submit(job) }
        #expect(eventually { jobs.allSatisfy { $0.expirations.value == 1 } })
        #expect(jobs.allSatisfy { $0.wait.withLock { $0! } >= .milliseconds(170) })
        #expect(pool.statistics.expired == 20 && pool.statistics.queueDepth == 0)
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
        #expect(jobs.allSatisfy { $0.runs.value == 0 && $0.discards.value == 0 && $0.expirations.value == 1 })
    }

    @Test("is discarded alone: the jobs after it stay queued, in their order")
    func younger() throws {
        let pool = try ThreadPool(configuration: Self.configuration(1...1, maximumWait: .seconds(2)))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        let old = Job()
        try pool.submit(old)
        usleep(1_000_000)
        let order = Locked<[Int]>([])
        for number in 0..<10 { try pool.submit { order.withLock { $0.append(number) } } }
        #expect(eventually { old.expirations.value == 1 })
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
        #expect(order.withLock { $0 } == Array(0..<10))
    }

    @Test("is not one whose pool can grow, or can replace a thread that waits", arguments: [true, false])
    func remedied(isWaiting: Bool) throws {
        let pool = try ThreadPool(
            configuration: Self.configuration(isWaiting ? 1...1 : 1...9, waiting: 8, maximumWait: .milliseconds(500)))
        let latch = Latch()
        for _ in 0..<8 {
            try pool.submit {
                if isWaiting { ThreadPool.whileWaiting { latch.wait() } } else { latch.wait() }
            }
        }
        let ran = Counter()
        try pool.submit { ran.increment() }
        #expect(eventually { ran.value == 1 })
        #expect(pool.statistics.expired == 0)
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("is reported once, until a thread was free and all was quiet for long")
    func reported() throws {
        let reports = Locked<[ThreadPool.Starvation]>([])
        let pool = try ThreadPool(
            configuration: Self.configuration(2...2, maximumWait: .milliseconds(50)) { report in
                reports.withLock { $0.append(report) }
            })
        for episode in 1...2 {
            let latch = Latch()
            for _ in 0..<2 { try pool.submit { latch.wait() } }
            #expect(eventually { latch.waiters == 2 })
            for _ in 0..<3 {
                let jobs = (0..<5).map { _ in Job() }
                for job in jobs { try pool.submit(job) }
                #expect(eventually { jobs.allSatisfy { $0.expirations.value == 1 } })
            }
            #expect(reports.withLock { $0.count } == episode)
            // Longer than the quiet that ends an episode, but no thread is free.
            usleep(600_000)
            let job = Job()
            try pool.submit(job)
            #expect(eventually { job.expirations.value == 1 })
            #expect(reports.withLock { $0.count } == episode)
            latch.open()
            #expect(eventually { pool.statistics.sleepingThreads == 2 })
            usleep(600_000)
        }
        #expect(reports.withLock { $0.allSatisfy { $0.threads == 2 && $0.waitingThreads == 0 } })
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("may have waited for threads that wait, as many as allowed: the report says so", arguments: [0, 3])
    func reportedWaiting(waiting: Int) throws {
        let reports = Locked<[ThreadPool.Starvation]>([])
        let pool = try ThreadPool(
            configuration: Self.configuration(2...2, waiting: waiting) { report in
                reports.withLock { $0.append(report) }
            })
        let latch = Latch()
        for _ in 0..<waiting + 2 { try pool.submit { ThreadPool.whileWaiting { latch.wait() } } }
        #expect(eventually { latch.waiters == waiting + 2 })
        let job = Job()
        try pool.submit(job)
        #expect(eventually { job.expirations.value == 1 && reports.withLock { $0.count } == 1 })
        #expect(reports.withLock { $0.allSatisfy { $0.threads == 2 && $0.waitingThreads == 2 } })
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    /// Calls a function when it is discarded.
    private final class Discarded: ThreadPool.Job, @unchecked Sendable {
        // `@unchecked Sendable`: a constant that is itself `Sendable`.
        private let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }

        override func discard(_ reason: ThreadPool.DiscardReason) { body() }
    }

    @Test("and shuts the pool down then is reported with the threads that there were")
    func reportedLast() throws {
        let reports = Locked<[ThreadPool.Starvation]>([])
        let pool = try ThreadPool(
            configuration: Self.configuration(2...2) { report in reports.withLock { $0.append(report) } })
        let latch = Latch()
        for _ in 0..<2 { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == 2 })
        try pool.submit(
            Discarded {
                latch.open()
                pool.shutdown(.discard, deadline: .now)
                _ = eventually { pool.statistics.threads == 0 }
            })
        #expect(eventually { reports.withLock { $0.count } == 1 })
        #expect(reports.withLock { $0.allSatisfy { $0.threads == 2 && $0.waitingThreads == 0 } })
    }

    @Test("makes its task throw")
    func awaited() async throws {
        let pool = try ThreadPool(configuration: Self.configuration(1...1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        await #expect(throws: ThreadPool.SubmitError.waitedTooLong) { try await pool.run {} }
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("need not be found among those that jobs submit: these wait in the same queue")
    func forked() throws {
        let pool = try ThreadPool(configuration: Self.configuration(1...1))
        let job = Job()
        let latch = Latch()
        try pool.submit {
            try pool.submit(job)
            latch.wait()
        }
        #expect(eventually { job.expirations.value == 1 })
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }
}
