import Testing
import ThreadPool

@Suite("A full pool")
struct CapacityTests {
    @Test("refuses a job at once, and keeps the others", arguments: [1, 2, 7, 64, 1_000])
    func refuses(capacity: Int) throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1, queueCapacity: capacity))
        let latch = Latch()
        let ran = Counter()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        for _ in 0..<capacity { try pool.submit { ran.increment() } }
        #expect(throws: ThreadPool.SubmitError.full) { try pool.submit { ran.increment() } }
        #expect(pool.statistics.queueDepth == capacity)
        #expect(pool.statistics.rejected == 1)
        latch.open()
        #expect(pool.shutdown(.drain).isComplete)
        #expect(ran.value == capacity)
    }

    @Test("accepts jobs again when there is room")
    func recovers() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1, queueCapacity: 4))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        for _ in 0..<4 { try pool.submit {} }
        #expect(throws: ThreadPool.SubmitError.full) { try pool.submit {} }
        latch.open()
        #expect(eventually { pool.statistics.completed == 5 })
        for _ in 0..<4 { try pool.submit {} }
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("refuses forked jobs only when both the worker's deque and the queue are full")
    func forked() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1, queueCapacity: 8, localQueueCapacity: 8))
        let accepted = Counter()
        let refused = Counter()
        try pool.submit {
            for _ in 0..<20 {
                do {
                    try pool.submit { accepted.increment() }
                } catch {
                    refused.increment()
                }
            }
        }
        #expect(eventually { pool.statistics.completed == 17 })
        #expect(pool.shutdown(.drain).isComplete)
        #expect(accepted.value == 16)
        #expect(refused.value == 4)
    }

    @Test("does not retain a job that it refused")
    func release() throws {
        final class Payload: Sendable {}
        let pool = try ThreadPool(configuration: .init(threads: 1...1, queueCapacity: 1))
        let latch = Latch()
        try pool.submit { latch.wait() }
        #expect(eventually { latch.waiters == 1 })
        try pool.submit {}
        weak var observer: Payload?
        do {
            let payload = Payload()
            observer = payload
            #expect(throws: ThreadPool.SubmitError.full) { try pool.submit { _ = payload } }
        }
        #expect(observer == nil)
        latch.open()
        pool.shutdown(.drain)
    }
}
