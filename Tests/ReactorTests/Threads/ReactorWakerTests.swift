import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// Waking a reactor through its ring, whose descriptor other threads may still use when the ring is destroyed.
@Suite("Waking a reactor")
struct ReactorWakerTests {
    /// A ring that holds posting threads, and records what they posted.
    private final class Ring: Sendable {
        let entered = Semaphore()
        let goOn = Semaphore()
        let posts = Mutex<[String]>([])
        let result: Int32

        init(result: Int32 = 0) { self.result = result }

        func post(_ descriptor: Int32, _ userData: UInt64) -> Int32 {
            posts.withLock { $0.append("\(userData) to \(descriptor)") }
            entered.signal()
            goOn.wait()
            return result
        }
    }

    @Test("`forgetRing` waits for the last thread that posts to the ring")
    func waitsForPosters() async throws {
        let ring = Ring()
        let waker = try ReactorWaker { ring.post($0, $1) }
        waker.preferRing(0, userData: 7)
        let posters = (0..<3).map { _ in inBackground { waker.wake() } }
        try await onOwnThread { for _ in 0..<3 { ring.entered.wait() } }
        let reactor = Forgetter(waker)
        try await Task.sleep(for: .milliseconds(50))
        #expect(!reactor.isDone, "threads may still use the descriptor")
        for _ in 0..<2 { ring.goOn.signal() }
        try await Task.sleep(for: .milliseconds(50))
        #expect(!reactor.isDone, "one of them is left")
        ring.goOn.signal()
        try await onOwnThread {
            reactor.wait()
            for poster in posters { poster.wait() }
        }
        #expect(reactor.isDone)
        #expect(ring.posts.withLock { $0 } == Array(repeating: "7 to 0", count: 3))
        #expect(waker.event.take() == 0)
        waker.wake()
        #expect(waker.event.take() == 1, "from now on, the event is used")
        #expect(ring.posts.withLock(\.count) == 3)
    }

    /// A reactor's thread at its end.
    private final class Forgetter: Sendable {
        private let done = Atomic<Bool>(false)
        private let thread: Mutex<BackgroundThread?>

        init(_ waker: ReactorWaker) {
            thread = Mutex(nil)
            let started = inBackground { [self] in
                waker.forgetRing()
                done.store(true, ordering: .releasing)
            }
            thread.withLock { $0 = started }
        }

        var isDone: Bool { done.load(ordering: .acquiring) }

        func wait() { thread.withLock { $0 }?.wait() }
    }

    @Test("If a ring refuses posts, the event is used from then on")
    func fallsBack() throws {
        let ring = Ring(result: EINVAL)
        let waker = try ReactorWaker { ring.post($0, $1) }
        waker.preferRing(5, userData: 1)
        ring.goOn.signal()
        waker.wake()
        waker.wake()
        #expect(waker.event.take() == 2)
        #expect(ring.posts.withLock { $0 } == ["1 to 5"])
        waker.forgetRing()
        waker.preferRing(6, userData: 2)
        ring.goOn.signal()
        waker.wake()
        #expect(ring.posts.withLock { $0 } == ["1 to 5", "2 to 6"], "a new ring is tried")
    }

    @Test("A ring with the descriptor of a destroyed one gets none of that ring's posts")
    func descriptorIsReused() async throws {
        let waker = try ReactorWaker()
        let threads = Wakers(waker)
        let strays = try await onOwnThread {
            var strays = 0
            for _ in 0..<25 {
                let descriptor: Int32
                do {
                    let driver = try UringDriver(configuration: DriverConfiguration())
                    descriptor = driver.ringDescriptor
                    waker.preferRing(descriptor, userData: Token.none.packed(.message))
                    usleep(200)
                    waker.forgetRing()
                }
                var bench = DriverBench(try UringDriver(configuration: DriverConfiguration()))
                strays += try bench.turn(within: 500_000).count { $0.kind == .message }
            }
            return strays
        }
        threads.stop()
        #expect(strays == 0)
    }

    /// Threads that wake the reactor continually.
    private final class Wakers: Sendable {
        private let isOver = Atomic<Bool>(false)
        private let threads: Mutex<[BackgroundThread]>

        init(_ waker: ReactorWaker) {
            threads = Mutex([])
            let started = (0..<2).map { _ in
                inBackground { [self] in
                    while !isOver.load(ordering: .relaxed) { waker.wake() }
                }
            }
            threads.withLock { $0 = started }
        }

        func stop() {
            isOver.store(true, ordering: .relaxed)
            for thread in threads.withLock({ $0 }) { thread.wait() }
        }
    }
}
