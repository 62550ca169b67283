import Glibc
import Platform
import Synchronization
import Testing

@Suite("Threads and wake events")
struct ThreadTests {
    /// The properties of a thread.
    private final class Observation: Sendable {
        let name = Locked("")
        let isDone = Atomic<Bool>(false)

        func observe() {
            var bytes = [UInt8](repeating: 0, count: 32)
            // Valid addresses for the length of each call.
            let descriptor = unsafe open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
            let count = unsafe read(descriptor, &bytes, bytes.count)
            close(descriptor)
            // A line feed ends it.
            name.withLock { $0 = String(decoding: bytes.prefix(max(0, count - 1)), as: UTF8.self) }
            isDone.store(true, ordering: .releasing)
        }
    }

    @Test(
        "a thread has its name, of which 15 bytes are kept, and has ended after join",
        arguments: ["short", "exactly-15-byte", "sixteen-bytes-it"])
    func names(name: String) throws {
        let observation = Observation()
        let thread = try Thread(named: name) { observation.observe() }
        thread.join()
        #expect(observation.isDone.load(ordering: .acquiring) == true)
        #expect(observation.name.withLock { $0 } == String(name.prefix(15)))
    }

    @Test("a thread works for each object that it is marked with, until the marked function has returned")
    func marks() {
        final class Owner {}
        struct Failure: Error {}
        let (first, second) = (Owner(), Owner())
        func marks() -> [Bool] { [ThreadOwner.isCurrent(first), ThreadOwner.isCurrent(second)] }
        #expect(marks() == [false, false])
        ThreadOwner.mark(ObjectIdentifier(first)) {
            #expect(marks() == [true, false])
            #expect(throws: Failure.self) {
                try ThreadOwner.mark(ObjectIdentifier(second)) {
                    #expect(marks() == [true, true])
                    throw Failure()
                }
            }
            #expect(marks() == [true, false])
        }
        #expect(marks() == [false, false])
    }

    @Test("a thread that is not retained runs nevertheless, and releases its closure")
    func detached() throws {
        let observation = Observation()
        let semaphore = Locked(0)
        weak var released: Observation?
        do {
            let own = Observation()
            released = own
            _ = try Thread(named: "detached") {
                own.observe()
                semaphore.withLock { $0 += 1 }
                observation.observe()
            }
        }
        for _ in 0..<30_000 where released != nil || !observation.isDone.load(ordering: .acquiring) { usleep(1_000) }
        #expect(released == nil && semaphore.withLock { $0 } == 1)
    }

    @Test("a thread runs on the processor that it is bound to, and anywhere if that is not allowed")
    func affinity() throws {
        let allowed = Topology.current.nodes.flatMap(\.processors)
        for processor in allowed {
            let seen = Locked<Set<Int>>([])
            let thread = try Thread(named: "bound", on: processor) {
                for _ in 0..<100 {
                    let current = Processor.current
                    seen.withLock { _ = $0.insert(current) }
                    sched_yield()
                }
            }
            thread.join()
            #expect(seen.withLock { $0 } == [processor])
        }
        let observation = Observation()
        let thread = try Thread(named: "nowhere", on: 1_000_000) { observation.observe() }
        thread.join()
        #expect(observation.isDone.load(ordering: .acquiring) == true)
    }

    @Test("a wake event counts signals until they are taken, and ends a wait")
    func wakeEvent() throws {
        let event = try WakeEvent()
        #expect(event.take() == 0)
        event.signal()
        event.signal()
        #expect(event.take() == 2)
        #expect(event.take() == 0)
        let thread = try Thread(named: "waiter") {
            event.wait()
            event.signal()
        }
        event.signal()
        thread.join()
        #expect(event.take() == 2)
    }

    @Test("a wake event whose counter is full still signals, without waiting")
    func fullEvent() throws {
        let event = try WakeEvent()
        var most = UInt64.max - 1
        // As many bytes as the counter has.
        #expect(unsafe write(event.descriptor, &most, 8) == 8)
        event.signal()
        #expect(event.take() == most)
    }

    @Test("the descriptor of a wake event is closed with it, and not passed on to other programs")
    func descriptor() async {
        // In a process in which nothing else gets its number.
        await #expect(processExitsWith: .success) {
            var descriptor: Int32 = -1
            do {
                let event = try WakeEvent()
                descriptor = event.descriptor
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
                #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            }
            #expect(fcntl(descriptor, F_GETFD) == -1)
        }
    }
}
