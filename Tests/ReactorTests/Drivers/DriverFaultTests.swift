import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// Set by one thread for another.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

/// How drivers report failures of the kernel.
@Suite("Driver faults")
struct DriverFaultTests {
    private static let token = Token(slot: 3, generation: 9)

    /// The operations submitted on a reset connection.
    enum Step: String, CaseIterable, Sendable { case receive, send, quietSend, sendMore }

    private struct MeetsReset: DriverCheck {
        let step: Step

        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            var pair = try SocketPair.connected(for: KernelDriver.kind)
            pair.resetPeer()
            let bytes: StaticString = "lost"
            // A literal has static storage.
            let buffer = unsafe UnsafeRawBufferPointer(start: bytes.utf8Start, count: 4)
            switch step {
            case .receive: bench.driver.submit(.receive(descriptor: pair.own, .multishot), token)
            case .send: unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .reported), token)
            case .quietSend: unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .quiet), token)
            case .sendMore: unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .more), token)
            }
            let completion = try #require(
                try bench.next(step == .receive ? .receive : step == .quietSend ? .quietSend : .send))
            #expect(completion.result == -ECONNRESET && completion.isFinal && completion.token == token)
            // The kernel reports the reset once, and EPIPE afterwards.
            unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .reported), token)
            #expect(try bench.next(.send)?.result == -EPIPE)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("A reset connection is reported by every operation", arguments: DriverKind.allCases, Step.allCases)
    func meetsReset(kind: DriverKind, step: Step) throws {
        try perform(MeetsReset(step: step), on: kind)
    }

    private struct SurvivesSignals: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            // The handler only interrupts a system call, and only of this thread.
            _ = signal(SIGWINCH) { _ in }
            let waiting = pthread_self()
            // The runtime's threads block signals.
            let wasBlocked = setBlocked(false)
            defer { if wasBlocked { _ = setBlocked(true) } }
            let pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.submit(.receive(descriptor: pair.own, .multishot), token)
            let isOver = Flag()
            let interrupter = inBackground {
                while !isOver.isSet {
                    pthread_kill(waiting, SIGWINCH)
                    usleep(2000)
                }
            }
            var emptyTurns = 0
            var text = ""
            for number in 0..<10 {
                // A turn without any completion, even of the timer.
                for _ in 0..<100 where try bench.turn(within: 10_000_000_000).isEmpty {
                    emptyTurns += 1
                    break
                }
                pair.write("\(number)")
                while !text.hasSuffix("\(number)") {
                    for completion in try bench.turn(within: 10_000_000_000) { text += completion.text }
                }
            }
            isOver.set()
            interrupter.wait()
            #expect(text == "0123456789")
            #expect(emptyTurns > 0, "the wait was interrupted")
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    /// Blocks or unblocks the signal on this thread. Returns whether it was blocked before.
    private static func setBlocked(_ isBlocked: Bool) -> Bool {
        var signals = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGWINCH)
        unsafe pthread_sigmask(isBlocked ? SIG_BLOCK : SIG_UNBLOCK, &signals, &before)
        return unsafe sigismember(&before, SIGWINCH) == 1
    }

    @Test("A signal ends a turn, and no completion is lost", arguments: DriverKind.allCases)
    func survivesSignals(kind: DriverKind) throws {
        try perform(SurvivesSignals(), on: kind)
    }

    @Test("Receiving ends when all buffers are in use, and can begin again once they are released")
    func exhaustsBuffers() throws {
        var configuration = DriverConfiguration()
        configuration.receiveBufferCount = 4
        configuration.receiveBufferByteCount = 16
        var driver = try UringDriver(configuration: configuration)
        let pair = try SocketPair(for: .ioUring)
        driver.submit(.receive(descriptor: pair.own, .multishot), Self.token)
        let text = String((0..<100).map { Character(Unicode.Scalar(UInt8(ascii: "0") + UInt8($0 % 64))) })
        pair.write(text)
        var received = ""
        var ends = 0
        while received.utf8.count < text.utf8.count {
            var held: [Completion] = []
            var hasEnded = false
            while !hasEnded, received.utf8.count < text.utf8.count {
                try driver.wait(blocks: true)
                while let completion = driver.nextCompletion() {
                    // Not released yet.
                    received += unsafe String(decoding: completion.bytes, as: UTF8.self)
                    if completion.isFinal {
                        #expect(completion.result == -ENOBUFS)
                        hasEnded = true
                    }
                    held.append(completion)
                }
            }
            let count = driver.buffersInUse
            #expect(count <= 4)
            if hasEnded {
                ends += 1
                #expect(count == 4, "all of them")
            }
            for completion in held { driver.release(completion) }
            if hasEnded { driver.submit(.receive(descriptor: pair.own, .multishot), Self.token) }
        }
        #expect(received == text && ends > 0)
        let left = driver.buffersInUse
        #expect(left == 0)
        close(pair.own)
    }
}
