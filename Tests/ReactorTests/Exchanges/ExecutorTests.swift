import Glibc
import HTTP1
import HTTPCore
import Platform
import TestSupport
import Testing

@testable import Reactor

@Suite("The executor of a reactor", .timeLimit(.minutes(20)))
struct ExecutorTests {
    private actor Other {
        private var count = 0

        func call() { count += 1 }
    }

    private actor Owner {
        private nonisolated let executor: ReactorExecutor
        private var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        init(_ executor: ReactorExecutor) { self.executor = executor }

        /// Starts a task that returns from another actor.
        func start() {
            Task {
                count += 1
                await Other().call()
                count += 1
            }
        }
    }

    /// Runs the task, and ends as soon as it has ended.
    private static func serve(_ watch: EnqueueWatch) {
        let executor = ReactorExecutor { watch.pause() }
        executor.adoptThread()
        watch.begin(executor)
        let owner = Owner(executor)
        owner.assumeIsolated { $0.start() }
        executor.runJobs()
        watch.waitUntilQueued()
        executor.takeRemoteJobs()
        executor.runJobs()
        executor.retire()
    }

    @Test("stays in memory while another thread passes it a job, although its reactor ends meanwhile")
    func lifetime() async throws {
        let watch = EnqueueWatch()
        try await onOwnThread { Self.serve(watch) }
        for _ in 0..<20_000 where !watch.isReleased || watch.wasReleased == nil { usleep(1_000) }
        #expect(watch.isReleased && watch.wasReleased == false)
    }

    @Test("gets a task that another thread starts from that thread, without one of the Swift runtime")
    func remoteStart() async throws {
        try await onOwnThread {
            let queuing = Locked<[UInt]>([])
            let executor = ReactorExecutor { queuing.withLock { $0.append(Thread.currentNumber) } }
            let actor = ReactorActor(executor)
            let encoder = ProtocolEncoder.http1(ResponseEncoder(isHead: false, minorVersion: 1, keepsAlive: true))
            let ticket = Ticket(
                token: Token(slot: 0, generation: 0), stream: 1, mailbox: try ReactorMailbox(), encoder: encoder)
            let exchange = Exchange(ticket: ticket, isBlocking: true, isBodyStreamed: false)
            executor.adoptThread()
            let threads = Locked<(starter: UInt, task: UInt)>((0, 0))
            inBackground {
                threads.withLock { $0.starter = Thread.currentNumber }
                actor.startRemotely(exchange) { _ in threads.withLock { $0.task = Thread.currentNumber } }
            }.wait()
            #expect(queuing.withLock { $0 } == [threads.withLock { $0.starter }])
            executor.takeRemoteJobs()
            executor.runJobs()
            #expect(threads.withLock { $0.task } == Thread.currentNumber)
            #expect(exchange.task != nil && executor.taskCount == 1)
            executor.retire()
        }
    }
}
