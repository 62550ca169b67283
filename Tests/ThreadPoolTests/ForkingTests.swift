import Glibc
import Testing
import ThreadPool

@Suite("Jobs that submit jobs")
struct ForkingTests {
    /// Submits two more of itself for each level below it, or does their work itself when there is no room.
    private static func fork(_ depth: Int, on pool: ThreadPool, _ leaves: Counter) {
        guard depth > 0 else { return leaves.increment() }
        for _ in 0..<2 {
            do {
                try pool.submit { fork(depth - 1, on: pool, leaves) }
            } catch {
                fork(depth - 1, on: pool, leaves)
            }
        }
    }

    @Test("a tree of jobs is done to the last leaf", arguments: [1...1, 2...2, 4...8])
    func tree(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(configuration: .init(threads: threads, queueCapacity: 64, localQueueCapacity: 16))
        let leaves = Counter()
        try pool.submit { Self.fork(12, on: pool, leaves) }
        #expect(eventually { leaves.value == 4_096 })
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("idle workers steal the jobs that a busy one has forked")
    func stealing() throws {
        let pool = try ThreadPool(configuration: .init(threads: 3...3))
        let ran = Counter()
        try pool.submit {
            for _ in 0..<100 { try pool.submit { ran.increment() } }
            // Only thieves can run them: this worker waits here until they have.
            #expect(eventually { ran.value == 100 })
        }
        #expect(eventually { pool.statistics.completed == 101 })
        #expect(pool.statistics.stolen == 100)
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("a worker whose jobs keep forking still takes jobs from outside")
    func noStarvation() throws {
        let pool = try ThreadPool(configuration: .init(threads: 1...1))
        let served = Counter()
        let turns = Counter()
        // Forks until a job from outside has run, which takes far too long if that runs last.
        @Sendable func again() throws {
            turns.increment()
            if served.value == 0 && turns.value < 1_000_000 { try pool.submit { try again() } }
        }
        try pool.submit { try again() }
        try pool.submit { served.increment() }
        #expect(eventually { served.value == 1 })
        #expect(turns.value < 1_000_000)
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("a job of one pool may submit to another")
    func twoPools() throws {
        let first = try ThreadPool(configuration: .init(threads: 1...1, name: "first"))
        let second = try ThreadPool(configuration: .init(threads: 1...1, name: "second"))
        let ran = Counter()
        for _ in 0..<100 { try first.submit { try second.submit { ran.increment() } } }
        #expect(eventually { ran.value == 100 })
        #expect(second.statistics.completed == 100)
        #expect(first.shutdown(.drain).isComplete && second.shutdown(.drain).isComplete)
    }
}
