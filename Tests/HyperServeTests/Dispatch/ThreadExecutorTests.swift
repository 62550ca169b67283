import Glibc
import TestSupport
import Testing

@testable import HyperServe

@Suite("The executor of a blocking handler's thread", .timeLimit(.minutes(20)))
struct ThreadExecutorTests {
    private actor Other {
        private var count = 0

        func call() { count += 1 }
    }

    /// As `ThreadActor`, of which it is a part.
    private actor Owner {
        private nonisolated let executor: ThreadExecutor
        private var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        init(_ executor: ThreadExecutor) { self.executor = executor }

        /// Starts a task that returns from another actor.
        func start(_ events: Events) {
            Task {
                count += 1
                events.add("begun")
                await Other().call()
                count += 1
                events.add("over")
            }
        }
    }

    /// Runs the task, and ends as soon as it has ended.
    private static func serve(_ watch: EnqueueWatch) {
        let executor = ThreadExecutor { watch.pause() }
        watch.begin(executor)
        let owner = Owner(executor)
        let events = Events()
        owner.assumeIsolated { $0.start(events) }
        executor.runJobs {
            if events.has("begun") { watch.waitUntilQueued() }
            return events.has("over")
        }
    }

    @Test("stays in memory while another thread passes it a job, although the job ends its thread meanwhile")
    func lifetime() async throws {
        let watch = EnqueueWatch()
        try await onOwnThread { Self.serve(watch) }
        for _ in 0..<20_000 where !watch.isReleased || watch.wasReleased == nil { usleep(1_000) }
        #expect(watch.isReleased && watch.wasReleased == false)
    }
}
