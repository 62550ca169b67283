import Glibc
import Synchronization
import Testing
import ThreadPool

@Suite("A thread that waits")
struct WaitingTests {
    /// Would never grow, or be late, for any other reason than a wait.
    private static func patient(_ threads: ClosedRange<Int>, waiting: Int) -> ThreadPool.Configuration {
        .init(threads: threads, growthThreshold: .seconds(3_600), maximumWaitingThreads: waiting)
    }

    @Test("is replaced at once when a job is queued, and does not count among the threads")
    func replaced() throws {
        let pool = try ThreadPool(configuration: Self.patient(1...1, waiting: 1))
        let latch = Latch()
        try pool.submit { ThreadPool.whileWaiting { latch.wait() } }
        #expect(eventually { latch.waiters == 1 })
        let ran = Counter()
        try pool.submit { ran.increment() }
        #expect(eventually { ran.value == 1 })
        #expect(pool.statistics.threads == 1 && pool.statistics.extraThreads == 1)
        latch.open()
        #expect(eventually { pool.statistics.completed == 2 && pool.statistics.extraThreads == 0 })
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("is replaced when it begins to wait after the job was queued")
    func replacedLater() throws {
        let pool = try ThreadPool(configuration: Self.patient(1...1, waiting: 1))
        let busy = Latch()
        let latch = Latch()
        try pool.submit {
            busy.wait()
            ThreadPool.whileWaiting { latch.wait() }
        }
        #expect(eventually { busy.waiters == 1 })
        let ran = Counter()
        try pool.submit { ran.increment() }
        usleep(20_000)
        #expect(ran.value == 0)
        busy.open()
        #expect(eventually { ran.value == 1 })
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("keeps its place while no job needs it, and continues to work there")
    func kept() throws {
        let pool = try ThreadPool(configuration: Self.patient(1...1, waiting: 8))
        let ran = Counter()
        for _ in 0..<100 {
            try pool.submit {
                ThreadPool.whileWaiting { _ = usleep(10) }
                ran.increment()
            }
            #expect(eventually { ran.value == Int(pool.statistics.completed) && pool.statistics.queueDepth == 0 })
        }
        #expect(eventually { ran.value == 100 })
        #expect(pool.shutdown(.drain).isComplete)
        #expect(pool.statistics.completed == 100)
    }

    @Test("occupies its place if as many as allowed were replaced", arguments: [0, 1, 5])
    func bound(waiting: Int) throws {
        let pool = try ThreadPool(configuration: Self.patient(2...2, waiting: waiting))
        let latch = Latch()
        for _ in 0..<waiting + 2 { try pool.submit { ThreadPool.whileWaiting { latch.wait() } } }
        #expect(eventually { latch.waiters == waiting + 2 })
        let ran = Counter()
        for _ in 0..<3 { try pool.submit { ran.increment() } }
        usleep(50_000)
        #expect(ran.value == 0 && pool.statistics.queueDepth == 3)
        #expect(pool.statistics.threads == 2 && pool.statistics.extraThreads == waiting)
        latch.open()
        #expect(eventually { ran.value == 3 && pool.statistics.extraThreads == 0 })
        #expect(pool.statistics.threadsReplaced >= UInt64(waiting))
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("makes room for the next one when it has ended")
    func endedAtBound() throws {
        let pool = try ThreadPool(configuration: Self.patient(1...1, waiting: 1))
        let latches = [Latch(), Latch()]
        for latch in latches {
            try pool.submit { ThreadPool.whileWaiting { latch.wait() } }
            #expect(eventually { latch.waiters == 1 })
        }
        let ran = Counter()
        try pool.submit { ran.increment() }
        usleep(20_000)
        #expect(ran.value == 0)
        // The first was replaced by the second, which can be replaced once the first has ended.
        latches[0].open()
        #expect(eventually { ran.value == 1 })
        latches[1].open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("leaves the jobs that it has forked to the thread that replaces it")
    func forked() throws {
        let pool = try ThreadPool(configuration: Self.patient(1...1, waiting: 1))
        let latch = Latch()
        let ran = Counter()
        try pool.submit {
            for _ in 0..<10 { try pool.submit { ran.increment() } }
            ThreadPool.whileWaiting { latch.wait() }
            for _ in 0..<10 { try pool.submit { ran.increment() } }
            struct Failure: Error {}
            throw Failure()
        }
        #expect(eventually { ran.value == 10 })
        latch.open()
        #expect(eventually { ran.value == 20 })
        #expect(pool.shutdown(.drain).isComplete)
        #expect(pool.statistics.completed == 21 && pool.statistics.failed == 1)
    }

    @Test("counts as running at the shutdown, whether or not it was replaced", arguments: [0, 2])
    func shutdown(waiting: Int) throws {
        let pool = try ThreadPool(configuration: Self.patient(2...2, waiting: waiting))
        let latch = Latch()
        for _ in 0..<waiting + 2 { try pool.submit { ThreadPool.whileWaiting { latch.wait() } } }
        #expect(eventually { latch.waiters == waiting + 2 })
        let report = pool.shutdown(.discard, deadline: .now)
        #expect(report.running == waiting + 2 && report.discarded == 0)
        latch.open()
        #expect(eventually { pool.statistics.completed == UInt64(waiting + 2) })
        #expect(eventually { pool.statistics.threads == 0 && pool.statistics.extraThreads == 0 })
    }

    @Test("that waits again meanwhile still has its place afterwards, and is replaced only once", arguments: [0, 8])
    func nested(waiting: Int) throws {
        let pool = try ThreadPool(configuration: Self.patient(1...1, waiting: waiting))
        for _ in 0..<20 {
            let ran = Counter()
            try pool.submit {
                ThreadPool.whileWaiting {
                    ThreadPool.whileWaiting { _ = usleep(10) }
                    ThreadPool.whileWaiting { _ = usleep(10) }
                }
                ran.increment()
            }
            #expect(eventually { ran.value == 1 })
        }
        #expect(pool.statistics.threads == 1)
        let latch = Latch()
        try pool.submit { ThreadPool.whileWaiting { ThreadPool.whileWaiting { latch.wait() } } }
        #expect(eventually { latch.waiters == 1 })
        let ran = Counter()
        try pool.submit { ran.increment() }
        if waiting > 0 { #expect(eventually { ran.value == 1 && pool.statistics.extraThreads == 1 }) }
        latch.open()
        #expect(eventually { ran.value == 1 && pool.statistics.extraThreads == 0 })
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("submits as a thread outside the pool does, also when another one has its worker")
    func submitting() throws {
        let pool = try ThreadPool(
            configuration: .init(
                threads: 1...1, queueCapacity: 1, growthThreshold: .seconds(3_600), maximumWaitingThreads: 1))
        let latch = Latch()
        let busy = Latch()
        let (ran, refused) = (Counter(), Counter())
        try pool.submit {
            ThreadPool.whileWaiting {
                latch.wait()
                // The shared queue has room for one. On the deque, which is another thread's, there would be more.
                for _ in 0..<3 {
                    do { try pool.submit { ran.increment() } } catch { refused.increment() }
                }
            }
        }
        #expect(eventually { latch.waiters == 1 })
        try pool.submit { busy.wait() }
        #expect(eventually { busy.waiters == 1 })
        latch.open()
        #expect(eventually { pool.statistics.submitted == 5 && pool.statistics.extraThreads == 0 })
        #expect(refused.value == 2)
        busy.open()
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == 1)
    }

    @Test("may submit without end while others take its worker over: each job runs once")
    func submittingMuch() throws {
        let pool = try ThreadPool(
            configuration: .init(
                threads: 1...2, queueCapacity: 1 << 16, localQueueCapacity: 4_096, maximumWaitingThreads: 64))
        let (accepted, ran) = (Counter(), Counter())
        let each = Stress.isLong ? 200_000 : 5_000
        for _ in 0..<8 {
            try pool.submit {
                ThreadPool.whileWaiting {
                    usleep(2_000)
                    for _ in 0..<each where (try? pool.submit { ran.increment() }) != nil { accepted.increment() }
                }
            }
        }
        #expect(pool.shutdown(.drain).isComplete || accepted.value > 0)
        #expect(eventually { ran.value == accepted.value })
    }

    @Test("of no pool only waits")
    func outside() {
        #expect(ThreadPool.whileWaiting { 7 } == 7)
    }
}

@Suite("Awaiting a job")
struct AwaitingTests {
    @Test("ends at once when the task is cancelled before the closure has begun, which is not called")
    func cancelledBefore() async throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        let ran = Counter()
        let task = Task { try await pool.run { ran.increment() } }
        while pool.statistics.queueDepth < 1 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(pool.statistics.queueDepth == 1, "the job is skipped later")
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == 0)
    }

    @Test("of a task that is cancelled already throws, and queues nothing")
    func cancelledAlready() async throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let ran = Counter()
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            try await pool.run { ran.increment() }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == 0 && pool.statistics.submitted == 0)
    }

    @Test("returns the result although the task is cancelled, once the closure has begun")
    func cancelledAfter() async throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        let task = Task {
            try await pool.run {
                latch.wait()
                return 7
            }
        }
        while latch.waiters < 1 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        latch.open()
        #expect(try await task.value == 7)
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("releases what the closure has captured when the task is cancelled")
    func releases() async throws {
        final class Payload: Sendable {}
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        weak var observer: Payload?
        let task: Task<Void, any Error>
        do {
            let payload = Payload()
            observer = payload
            task = Task { try await pool.run { _ = payload } }
        }
        while pool.statistics.queueDepth < 1 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        _ = await task.result
        #expect(observer == nil)
        latch.open()
        pool.shutdown(.drain)
    }
}
