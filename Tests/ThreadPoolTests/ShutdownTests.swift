import Glibc
import Platform
import Testing
import ThreadPool

@Suite("Shutting down")
struct ShutdownTests {
    @Test("draining runs all accepted jobs")
    func drain() throws {
        let pool = try ThreadPool(configuration: .init(threads: 2...4))
        let ran = Counter()
        for _ in 0..<1_000 { try pool.submit { ran.increment() } }
        let report = pool.shutdown(.drain)
        #expect(report.isComplete)
        #expect(ran.value == 1_000)
        #expect(pool.statistics.threads == 0)
    }

    @Test("discarding runs no waiting job, and reports their number")
    func discard() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        let ran = Counter()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        for _ in 0..<100 { try pool.submit { ran.increment() } }
        let report = pool.shutdown(.discard, deadline: .now)
        #expect(report.discarded == 100)
        #expect(report.running == 1)
        #expect(!report.isComplete)
        latch.open()
        #expect(eventually { pool.statistics.completed == 1 })
        #expect(ran.value == 0)
    }

    @Test("discarding reaches jobs on the deque of a worker that is busy")
    func discardForked() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        try pool.submit {
            for _ in 0..<10 { try pool.submit {} }
            latch.wait()
        }
        #expect(eventually { latch.waiters == 1 })
        #expect(pool.shutdown(.discard, deadline: .now).discarded == 10)
        latch.open()
        #expect(eventually { pool.statistics.threads == 0 })
        #expect(pool.statistics.completed == 1)
    }

    @Test("its wait for running jobs can be ended, before it begins and while it lasts", arguments: [false, true])
    func endedWait(isEarly: Bool) throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        if isEarly { pool.endShutdownWait() }
        let other =
            isEarly
            ? nil
            : try Thread(named: "test") {
                usleep(50_000)
                pool.endShutdownWait()
            }
        #expect(pool.shutdown(.discard, deadline: .now + .seconds(600)).running == 1)
        _ = consume other
        latch.open()
        #expect(eventually { pool.statistics.threads == 0 })
    }

    @Test("at the deadline, draining discards waiting jobs and reports running ones")
    func deadline() throws {
        let pool = try ThreadPool(configuration: .init(threads: 2...2))
        let latch = Latch()
        for _ in 0..<5 { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == 2 })
        let report = pool.shutdown(.drain, deadline: .now + .milliseconds(20))
        #expect(report.discarded == 3)
        #expect(report.running == 2)
        latch.open()
        #expect(eventually { pool.statistics.completed == 2 })
    }

    @Test("afterwards nothing is accepted, from outside or from a job")
    func refusal() async throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...2))
        let latch = Latch()
        let refused = Counter()
        try pool.submit {
            latch.wait()
            do { try pool.submit {} } catch { refused.increment() }
        }
        #expect(eventually { latch.waiters == 1 })
        pool.shutdown(.discard, deadline: .now)
        #expect(throws: ThreadPool.SubmitError.shutDown) { try pool.submit {} }
        #expect(throws: ThreadPool.SubmitError.shutDown) { try pool.submit(ThreadPool.Job()) }
        await #expect(throws: ThreadPool.SubmitError.shutDown) { try await pool.run {} }
        latch.open()
        #expect(eventually { refused.value == 1 })
        #expect(pool.statistics.rejected == 4)
    }

    @Test("`discard` is called for a discarded job, and a task that awaits one is resumed")
    func discardedJobs() async throws {
        final class Job: ThreadPool.Job, @unchecked Sendable {
            // `@unchecked Sendable`: only constants; the counters are atomic.
            let runs = Counter()
            let discards = Counter()
            override func run() { runs.increment() }
            override func discard(_ reason: ThreadPool.DiscardReason) { discards.increment() }
        }
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        let job = Job()
        try pool.submit(job)
        let awaited = Task { try await pool.run { 1 } }
        // Sleeping, not blocking: the task needs a thread of the runtime, and other tests may have the rest of them.
        while pool.statistics.queueDepth < 2 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(pool.shutdown(.discard, deadline: .now).discarded == 2)
        latch.open()
        await #expect(throws: ThreadPool.SubmitError.shutDown) { try await awaited.value }
        #expect(job.runs.value == 0 && job.discards.value == 1)
    }

    @Test("every job that is submitted meanwhile is run, rejected or discarded", arguments: [true, false])
    func race(isDraining: Bool) throws {
        for _ in 0..<50 {
            let pool = try ThreadPool(configuration: .init(threads: 1...2, queueCapacity: 256))
            let ran = Counter()
            let refused = Counter()
            let report = Locked<ThreadPool.ShutdownReport?>(nil)
            Threads.run(3) { number in
                if number == 0 {
                    usleep(100)
                    let result = pool.shutdown(isDraining ? .drain : .discard)
                    report.withLock { $0 = result }
                }
                for _ in 0..<500 {
                    do {
                        try pool.submit { ran.increment() }
                    } catch {
                        refused.increment()
                    }
                }
            }
            let discarded = report.withLock { $0?.discarded ?? -1 }
            #expect(ran.value + refused.value + discarded == 1_500)
            #expect(!isDraining || discarded == 0)
        }
    }

    @Test("many threads can call it: all get the first one's report")
    func twice() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        for _ in 0..<4 { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == 1 })
        let reports = Locked<[ThreadPool.ShutdownReport]>([])
        Threads.run(4) { _ in
            let report = pool.shutdown(.discard, deadline: .now)
            reports.withLock { $0.append(report) }
        }
        let first = pool.shutdown(.drain)
        #expect(first.discarded == 3 && first.running == 1)
        #expect(reports.withLock { $0 } == Array(repeating: first, count: 4))
        latch.open()
    }

    @Test("a pool without references runs the jobs that it has accepted, and ends")
    func dropping() throws {
        let ran = Counter()
        var pool: ThreadPool? = try ThreadPool(configuration: .init(threads: 2...4, name: "dropped"))
        for _ in 0..<100 { try pool?.submit { ran.increment() } }
        pool = nil
        #expect(eventually { ran.value == 100 })
        #expect(eventually { ProcessorTime.used(byThreadsNamed: "dropped-").threads == 0 })
    }

    @Test("the last reference can be released in a job of the pool")
    func droppingFromAJob() throws {
        let ran = Counter()
        let latch = Latch()
        var pool: ThreadPool? = try ThreadPool(configuration: .init(threads: 1...1, name: "selfless"))
        try pool?.submit { [pool] in
            latch.wait()
            _ = pool
            ran.increment()
        }
        pool = nil
        latch.open()
        #expect(eventually { ran.value == 1 })
        #expect(eventually { ProcessorTime.used(byThreadsNamed: "selfless-").threads == 0 })
    }
}
