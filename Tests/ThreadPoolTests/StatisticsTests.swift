import Glibc
import Testing
import ThreadPool

@Suite("Statistics")
struct StatisticsTests {
    @Test("submitted = completed + rejected + discarded + running in all cases")
    func conservation() throws {
        struct Failure: Error {}
        let pool = try ThreadPool(configuration: .init(threads: 2...4, queueCapacity: 32))
        Threads.run(4) { _ in
            for number in 0..<1_000 { try? pool.submit { if number % 7 == 0 { throw Failure() } } }
        }
        let report = pool.shutdown(.discard)
        let statistics = pool.statistics
        #expect(statistics.submitted == 4_000)
        #expect(statistics.completed + statistics.rejected + statistics.discarded == 4_000)
        #expect(statistics.discarded == UInt64(report.discarded) && report.running == 0)
        #expect(statistics.failed <= statistics.completed)
        #expect(statistics.queueDepth == 0 && statistics.threads == 0)
    }

    @Test("the wait of every job is measured, if so configured")
    func waits() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1, waitTimeSampling: 1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        for _ in 0..<99 { try pool.submit {} }
        usleep(10_000)
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
        let waitTime = pool.statistics.waitTime
        #expect(waitTime.count == 100)
        #expect(waitTime.buckets.reduce(0) { $0 + $1.count } == 100)
        // All but the first waited at least as long as this thread slept.
        #expect(waitTime.quantile(0.05) >= .milliseconds(10))
        #expect(waitTime.quantile(0.05) <= waitTime.quantile(0.99))
    }

    @Test("one job in sixteen is measured, if nothing is configured")
    func sampling() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        for _ in 0..<1_600 { try pool.submit {} }
        #expect(pool.shutdown(.drain).isComplete)
        // Each processor counts for itself, so the first one of each is measured besides.
        #expect((100..<200).contains(Int(pool.statistics.waitTime.count)))
    }

    @Test("sleeping workers are counted, and how often they went to sleep")
    func parking() throws {
        let pool = try ThreadPool(configuration: .init(threads: 3...3))
        #expect(eventually { pool.statistics.sleepingThreads == 3 })
        #expect(pool.statistics.parked >= 3)
        let ran = Counter()
        try pool.submit { ran.increment() }
        #expect(eventually { ran.value == 1 && pool.statistics.sleepingThreads == 3 })
        #expect(pool.statistics.parked >= 4)
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("the configuration can be read")
    func configuration() throws {
        let configuration = ThreadPool.Configuration(
            threads: 1...3, growthThreshold: .milliseconds(5), idleTimeout: .seconds(3), name: "readable")
        let pool = try ThreadPool(configuration: configuration)
        #expect(pool.configuration.threads == 1...3)
        #expect(pool.configuration.growthThreshold == .milliseconds(5))
        #expect(pool.configuration.idleTimeout == .seconds(3))
        pool.shutdown(.drain)
    }

    @Test("an empty histogram has no buckets and a quantile of zero")
    func emptyHistogram() {
        let histogram = WaitTimeHistogram(counts: WaitTimeHistogram.Bucket.allCases.map { _ in 0 })
        #expect(histogram.count == 0 && histogram.buckets.isEmpty && histogram.quantile(0.5) == .zero)
    }

    @Test("a share that is out of range counts as the nearest one, and nothing traps")
    func shares() {
        let histogram = WaitTimeHistogram(counts: WaitTimeHistogram.Bucket.allCases.map { UInt64($0.rawValue & 1) })
        for share in [-1, -Double.infinity, .nan, -.leastNonzeroMagnitude] {
            #expect(histogram.quantile(share) == histogram.quantile(0))
        }
        for share in [1.5, Double.infinity, .greatestFiniteMagnitude] {
            #expect(histogram.quantile(share) == histogram.quantile(1))
        }
        #expect(histogram.quantile(0) < histogram.quantile(1))
    }

    @Test(
        "each time falls into the bucket that ends at or after it, by at most a quarter",
        arguments: [0, 1, 3, 4, 5, 7, 8, 9, 100, 1_000, 123_456, 1 << 20, (1 << 40) - 1])
    func buckets(nanoseconds: UInt64) {
        let bucket = WaitTimeHistogram.Bucket(containing: nanoseconds)
        let upper = UInt64(bucket.upperBoundNanoseconds)
        #expect(nanoseconds <= upper && Double(upper) <= Double(nanoseconds) * 1.25)
        let before = WaitTimeHistogram.Bucket(rawValue: bucket.rawValue - 1)
        #expect(before.map { UInt64($0.upperBoundNanoseconds) < nanoseconds } ?? (bucket.rawValue == 0))
    }

    @Test("times beyond the last bucket fall into it")
    func lastBucket() {
        #expect(WaitTimeHistogram.Bucket(containing: .max) == WaitTimeHistogram.Bucket.allCases.last)
        #expect(WaitTimeHistogram.Bucket(rawValue: WaitTimeHistogram.Bucket.allCases.count) == nil)
    }
}
