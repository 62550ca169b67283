import Glibc
import Testing
import ThreadPool

@Suite("Sleeping and waking")
struct ParkingTests {
    @Test("no wake-up is lost when jobs come just as workers fall asleep", arguments: [1...1, 2...2, 1...3, 4...4])
    func noLostWakeup(threads: ClosedRange<Int>) throws {
        let pool = try ThreadPool(
            configuration: .init(threads: threads, growthThreshold: .seconds(3_600), idleTimeout: .milliseconds(1)))
        let ran = Counter()
        let rounds = Stress.isLong ? 200_000 : 5_000
        for round in 1...rounds {
            try pool.submit { ran.increment() }
            // Waits for the job and no longer, so that the next one comes just after a worker has searched in vain.
            for _ in 0..<round % 64 { _ = ran.value }
            guard round.isMultiple(of: 2) else { continue }
            #expect(eventuallySpinning { ran.value == round }, "job \(round) was forgotten")
        }
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("no forked job is forgotten while others sleep")
    func noLostWakeupForForkedJobs() throws {
        let pool = try ThreadPool(configuration: .init(threads: 2...2))
        for _ in 0..<(Stress.isLong ? 50_000 : 2_000) {
            let ran = Counter()
            try pool.submit {
                try pool.submit { ran.increment() }
                // The worker that forked is busy until another one has run it.
                #expect(eventuallySpinning { ran.value == 1 })
            }
            #expect(eventuallySpinning { ran.value == 1 })
        }
        #expect(pool.shutdown(.drain).isComplete)
    }

    @Test("an idle pool uses less than a thousandth of a processor")
    func idle() throws {
        let name = "idle\(getpid() % 10_000)"
        let pool = try ThreadPool(configuration: .init(threads: 2...8, growthThreshold: .milliseconds(1), name: name))
        let ran = Counter()
        for _ in 0..<1_000 { try pool.submit { ran.increment() } }
        #expect(eventually { ran.value == 1_000 && pool.statistics.sleepingThreads == pool.statistics.threads })
        usleep(50_000)
        let before = ProcessorTime.used(byThreadsNamed: name)
        let seconds = Stress.isLong ? 10 : 2
        sleep(UInt32(seconds))
        let after = ProcessorTime.used(byThreadsNamed: name)
        #expect(before.threads >= 3 && after.threads == before.threads)
        #expect(after.nanoseconds - before.nanoseconds < UInt64(seconds) * 1_000_000)
        pool.shutdown(.drain)
    }

    /// Like `eventually`, but checks again at once, so that the next job comes as soon as possible.
    private func eventuallySpinning(_ condition: () -> Bool) -> Bool {
        for _ in 0..<10_000 {
            if condition() { return true }
            sched_yield()
        }
        return eventually(condition)
    }
}
