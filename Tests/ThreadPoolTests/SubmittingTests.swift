import Platform
import Testing
import ThreadPool

@Suite("Jobs that are submitted")
struct SubmittingTests {
    @Test("every job runs exactly once", arguments: [1...1, 2...2, 1...4, 3...8])
    func everyJobRunsOnce(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(configuration: .init(threads: threads))
        let runs = (0..<5_000).map { _ in Counter() }
        for counter in runs { try pool.submit { counter.increment() } }
        #expect(pool.shutdown(.drain).isComplete)
        #expect(runs.allSatisfy { $0.value == 1 })
    }

    @Test("jobs come from many threads at once", arguments: [2, 8])
    func manyProducers(producers: Int) throws {
        let pool = try ThreadPool(configuration: .init(threads: 2...4, queueCapacity: 1 << 16))
        let ran = Counter()
        Threads.run(producers) { _ in
            for _ in 0..<2_000 { #expect(throws: Never.self) { try pool.submit { ran.increment() } } }
        }
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == producers * 2_000)
    }

    @Test("a single worker runs jobs in the order in which one thread submits them")
    func order() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let seen = Locked<[Int]>([])
        for number in 0..<10_000 { try pool.submit { seen.withLock { $0.append(number) } } }
        pool.shutdown(.drain)
        let isInOrder = seen.withLock { $0 } == Array(0..<10_000)
        #expect(isInOrder)
    }

    @Test("a job is released as soon as it has run")
    func release() throws {
        final class Payload: Sendable {}
        let pool = try ThreadPool(configuration: .init(threads: 1...2))
        var payload: Payload? = Payload()
        weak let observer = payload
        try pool.submit { [payload] in _ = payload }
        payload = nil
        #expect(eventually { observer == nil })
        pool.shutdown(.drain)
    }

    @Test("a job object is run, and can be submitted again afterwards")
    func objects() throws {
        final class Job: ThreadPool.Job, @unchecked Sendable {
            // `@unchecked Sendable`: only constants; the counter is atomic.
            let runs = Counter()
            override func run() { runs.increment() }
        }
        let pool = try ThreadPool(configuration: .init(threads: 1...2))
        let job = Job()
        for round in 1...100 {
            try pool.submit(job)
            #expect(eventually { job.runs.value == round })
        }
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("a task gets the result or the error of its job")
    func results() async throws {
        struct Failure: Error, Equatable { let number: Int }
        let pool = try ThreadPool(configuration: .init(threads: 2...2))
        #expect(try await pool.run { 6 * 7 } == 42)
        await #expect(throws: Failure(number: 3)) { try await pool.run { throw Failure(number: 3) } }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...100 { group.addTask { try await pool.run { number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 5_050)
        #expect(pool.statistics.failed == 1)
        pool.shutdown(.drain)
    }

    @Test("a job that throws is counted, and its worker continues")
    func throwing() throws {
        struct Failure: Error {}
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let ran = Counter()
        for number in 0..<1_000 {
            try pool.submit {
                ran.increment()
                if number.isMultiple(of: 2) { throw Failure() }
            }
        }
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == 1_000)
        #expect(pool.statistics.failed == 500)
        #expect(pool.statistics.completed == 1_000)
    }
}
