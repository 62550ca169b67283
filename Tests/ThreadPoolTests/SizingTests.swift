import Glibc
import Platform
import Testing
import ThreadPool

@Suite("The number of threads")
struct SizingTests {
    /// Grows and shrinks quickly, so that tests are quick.
    private static func eager(_ threads: ClosedRange<Int>) -> ThreadPool.Configuration {
        .init(threads: threads, growthThreshold: .milliseconds(1), idleTimeout: .milliseconds(20))
    }

    @Test("begins at the minimum, and stays there while nothing waits", arguments: [1...4, 2...3, 5...5])
    func fewest(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(configuration: .init(threads: threads))
        #expect(pool.statistics.threads == threads.lowerBound)
        for _ in 0..<100 {
            let ran = Counter()
            try pool.submit { ran.increment() }
            #expect(eventually { ran.value == 1 })
        }
        #expect(pool.statistics.threadsAdded == 0)
        pool.shutdown(.drain)
        #expect(pool.statistics.threads == 0)
    }

    @Test("follows the number of processors by default")
    func defaults() {
        let processors = Topology.defaultThreadCount
        #expect(ThreadPool.Configuration().threads == min(processors, 1024)...min(processors * 4, 1024))
    }

    @Test("is reported if it is out of range, like any other value")
    func outOfRange() throws {
        let changes: [((inout ThreadPool.Configuration) -> Void, String)] = [
            ({ $0.threads = 0...4 }, "threads is 0...4; it lies within 1...1024"),
            ({ $0.threads = 1...1025 }, "threads is 1...1025; it lies within 1...1024"),
            ({ $0.threads = -5 ... -2 }, "threads is -5...-2; it lies within 1...1024"),
            ({ $0.queueCapacity = 0 }, "queueCapacity is 0; it lies within 1...16777216"),
            ({ $0.queueCapacity = .max }, "queueCapacity is 9223372036854775807; it lies within 1...16777216"),
            ({ $0.localQueueCapacity = 7 }, "localQueueCapacity is 7; it lies within 8...65536"),
            ({ $0.localQueueCapacity = .max }, "localQueueCapacity is 9223372036854775807; it lies within 8...65536"),
            ({ $0.waitTimeSampling = 0 }, "waitTimeSampling is 0; it lies within 1...1073741824"),
            ({ $0.waitTimeSampling = .max }, "waitTimeSampling is 9223372036854775807; it lies within 1...1073741824"),
            ({ $0.growthThreshold = .zero }, "growthThreshold is 0 ns; it is at least 1,000,000 ns"),
            (
                { $0.idleTimeout = .seconds(Int64.min) * 3 },
                "idleTimeout is -9000000000000000000 ns; it is at least 1,000,000 ns"
            ),
        ]
        for (change, reason) in changes {
            var configuration = ThreadPool.Configuration()
            change(&configuration)
            #expect(throws: ThreadPool.StartError.invalidConfiguration(reason)) {
                try ThreadPool(configuration: configuration)
            }
        }
    }

    @Test("can be the maximum, and times the longest")
    func extremes() throws {
        let longest = Duration.seconds(Int64.max) * 10
        let pool = try ThreadPool(
            configuration: .init(
                threads: 1...1024, localQueueCapacity: 8, growthThreshold: longest, idleTimeout: longest,
                waitTimeSampling: 1 << 30))
        let ran = Counter()
        try pool.submit { ran.increment() }
        #expect(eventually { ran.value == 1 })
        #expect(pool.shutdown(.drain, deadline: .now + .seconds(Int64.max)).isComplete)
        // Deadlines that have passed long ago, and those that never come.
        for deadline in [Duration.seconds(Int64.min), .seconds(Int64.max)] {
            let pool = try ThreadPool(configuration: .init(threads: 1...2))
            #expect(pool.shutdown(.drain, deadline: .now + deadline).discarded == 0)
        }
    }

    @Test("grows to the maximum while jobs wait and every worker is busy", arguments: [1...4, 2...8, 3...5])
    func growth(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(configuration: Self.eager(threads))
        let latch = Latch()
        for _ in 0..<threads.upperBound + 3 { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == threads.upperBound })
        #expect(pool.statistics.threads == threads.upperBound)
        // If this thread was kept from submitting for long, an early worker may have ended and another one started.
        #expect(eventually { pool.statistics.threadsAdded - pool.statistics.threadsRetired == threads.count - 1 })
        #expect(pool.statistics.queueDepth == 3)
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("grows for jobs that wait on a busy worker's deque, too")
    func growthForForkedJobs() throws {
        let pool = try ThreadPool(configuration: Self.eager(1...3))
        let latch = Latch()
        try pool.submit {
            for _ in 0..<2 { try pool.submit { latch.wait() } }
            latch.wait()
        }
        #expect(eventually { latch.waiters == 3 })
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("does not grow while the threshold has not passed")
    func patience() throws {
        var configuration = Self.eager(1...4)
        configuration.growthThreshold = .seconds(3_600)
        let pool = try ThreadPool(configuration: configuration)
        let latch = Latch()
        for _ in 0..<8 { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == 1 })
        usleep(20_000)
        #expect(pool.statistics.threads == 1)
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("shrinks back to the minimum when the pool is idle", arguments: [1...4, 2...6])
    func shrinking(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(configuration: Self.eager(threads))
        let latch = Latch()
        for _ in 0..<threads.upperBound { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == threads.upperBound })
        latch.open()
        #expect(eventually { pool.statistics.threads == threads.lowerBound })
        #expect(eventually { pool.statistics.threadsRetired >= threads.count - 1 })
        #expect(eventually { pool.statistics.threadsRetired == pool.statistics.threadsAdded })
        let ran = Counter()
        try pool.submit { ran.increment() }
        #expect(eventually { ran.value == 1 })
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("shrinks although a job comes now and then: one sleeper is always woken first")
    func shrinkingUnderLightLoad() throws {
        let pool = try ThreadPool(configuration: Self.eager(1...4))
        let latch = Latch()
        for _ in 0..<4 { try pool.submit { latch.wait() } }
        #expect(eventually { latch.waiters == 4 })
        latch.open()
        let isShrunk = eventually {
            try? pool.submit {}
            return pool.statistics.threads == 1
        }
        #expect(isShrunk)
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("grows and shrinks again and again")
    func storms() throws {
        let pool = try ThreadPool(configuration: Self.eager(1...4))
        for _ in 0..<5 {
            let latch = Latch()
            for _ in 0..<4 { try pool.submit { latch.wait() } }
            #expect(eventually { latch.waiters == 4 })
            latch.open()
            #expect(eventually { pool.statistics.threads == 1 })
        }
        // More if this thread was kept from submitting for so long that an early worker ended.
        #expect(eventually { pool.statistics.threadsAdded >= 15 })
        #expect(eventually { pool.statistics.threadsAdded == pool.statistics.threadsRetired })
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("threads are named after the pool and their number")
    func names() throws {
        let pool = try ThreadPool(configuration: .init(threads: 3...3, name: "named"))
        #expect(eventually { ProcessorTime.used(byThreadsNamed: "named-").threads == 3 })
        pool.shutdown(.drain)
        #expect(eventually { ProcessorTime.used(byThreadsNamed: "named-").threads == 0 })
    }

    @Test("workers bound to processors run jobs like others")
    func affinity() throws {
        let pool = try ThreadPool(configuration: .init(threads: 4...4, affinity: .processors))
        let ran = Counter()
        for _ in 0..<1_000 { try pool.submit { ran.increment() } }
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == 1_000)
    }
}
