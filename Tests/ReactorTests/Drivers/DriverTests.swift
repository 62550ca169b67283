import Glibc
import Platform
import Testing

@testable import Reactor

/// The behaviour that both drivers share.
@Suite("Driver")
struct DriverTests {
    private static let token = Token(slot: 5, generation: 77)

    private struct Receives: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            var pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.submit(.receive(descriptor: pair.own, .multishot), token)
            for text in ["hello", "world"] {
                pair.write(text)
                let received = try #require(try bench.next(.receive))
                #expect(received.text == text && received.token == token && !received.isFinal)
            }
            pair.closePeer()
            let end = try #require(try bench.next(.receive))
            #expect(end.result == 0 && end.isFinal)
            #expect(bench.driver.buffersInUse == 0)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("Receives until the peer's FIN", arguments: DriverKind.allCases)
    func receives(kind: DriverKind) throws {
        try perform(Receives(), on: kind)
    }

    private struct ReceivesOnce: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.submit(.receive(descriptor: pair.own, .once), token)
            for text in ["hello", "world"] {
                pair.write(text)
                let received = try #require(try bench.next(.receive))
                #expect(received.text == text && received.token == token && received.isFinal)
                pair.write("later")
                #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.kind != .receive })
                #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.kind != .receive })
                bench.driver.submit(.receive(descriptor: pair.own, .once), token)
                #expect(try bench.next(.receive)?.text == "later")
                bench.driver.submit(.receive(descriptor: pair.own, .once), token)
            }
            bench.driver.submit(.cancel(.receive), token)
            let last = try #require(try bench.next(.receive))
            #expect(last.isFinal && last.result == -ECANCELED)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("Receives once, and again when another receive is submitted", arguments: DriverKind.allCases)
    func receivesOnce(kind: DriverKind) throws {
        try perform(ReceivesOnce(), on: kind)
    }

    private struct StopsReceiving: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.submit(.receive(descriptor: pair.own, .multishot), token)
            pair.write("before")
            var text = ""
            text += try bench.next(.receive)?.text ?? ""
            bench.driver.submit(.cancel(.receive), token)
            let last = try #require(try bench.next(.receive))
            #expect(last.isFinal && last.result == -ECANCELED)
            pair.write("after")
            _ = try bench.turn()
            bench.driver.submit(.receive(descriptor: pair.own, .multishot), token)
            text += try bench.next(.receive)?.text ?? ""
            #expect(text == "beforeafter")
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("A cancelled receive has a final completion, and the next loses no bytes", arguments: DriverKind.allCases)
    func stopsReceiving(kind: DriverKind) throws {
        try perform(StopsReceiving(), on: kind)
    }

    private struct Sends: DriverCheck {
        let byteCount: Int
        let isQuiet: Bool

        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
            // Valid until the check ends, which is after the last completion.
            defer { unsafe bytes.deallocate() }
            for offset in 0..<byteCount { unsafe bytes[offset] = UInt8(ascii: "a") + UInt8(offset % 26) }
            let expected = unsafe String(decoding: bytes, as: UTF8.self)
            var sent = 0
            var received = ""
            let all = UnsafeRawBufferPointer(bytes)
            unsafe bench.driver.submit(
                .send(descriptor: pair.own, bytes: all, isQuiet ? .quiet : .reported), token)
            if isQuiet { bench.driver.submit(.barrier, .none) }
            for _ in 0..<1000 where sent < byteCount || received.utf8.count < byteCount {
                for completion in try bench.turn(within: 1_000_000) {
                    // Reported if it failed; otherwise done by then.
                    if completion.kind == .barrier, sent == 0 { sent = byteCount }
                    guard completion.kind == .send || completion.kind == .quietSend else { continue }
                    #expect(completion.token == token && completion.isFinal && completion.result >= -EAGAIN)
                    sent += max(0, Int(completion.result))
                    guard sent < byteCount else { continue }
                    // Sends the rest, as a connection does.
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                    unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: rest, .reported), token)
                }
                received += pair.read() ?? ""
            }
            #expect(sent == byteCount)
            #expect(received == expected)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test(
        "Sends everything, however small the socket's buffer is",
        arguments: DriverKind.allCases, [1, 1000, 16 * 1024, 3 << 20])
    func sends(kind: DriverKind, byteCount: Int) throws {
        try perform(Sends(byteCount: byteCount, isQuiet: false), on: kind)
        try perform(Sends(byteCount: byteCount, isQuiet: true), on: kind)
    }

    private struct FailsToSend: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            for mode in [Operation.SendMode.reported, .quiet, .more] {
                var pair = try SocketPair(for: KernelDriver.kind)
                pair.closePeer()
                let bytes: StaticString = "lost"
                // A literal has static storage.
                unsafe bench.driver.submit(
                    .send(descriptor: pair.own, bytes: UnsafeRawBufferPointer(start: bytes.utf8Start, count: 4), mode),
                    token)
                let completion = try #require(try bench.next(mode == .quiet ? .quietSend : .send))
                #expect(completion.result == -EPIPE && completion.token == token)
                bench.driver.submit(.close(descriptor: pair.own), token)
            }
        }
    }

    @Test("Reports a peer that is gone, without SIGPIPE", arguments: DriverKind.allCases)
    func failsToSend(kind: DriverKind) throws {
        try perform(FailsToSend(), on: kind)
    }

    private struct ShutsDown: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.submit(.receive(descriptor: pair.own, .multishot), token)
            _ = try bench.turn()
            bench.driver.submit(.shutdown(descriptor: pair.own, direction: Int32(SHUT_WR)), token)
            _ = try bench.turn()
            #expect(pair.read() == nil, "the peer receives FIN, and may still send")
            pair.write("still")
            #expect(try bench.next(.receive)?.text == "still")
            bench.driver.submit(.shutdown(descriptor: pair.own, direction: Int32(SHUT_RDWR)), token)
            let end = try #require(try bench.next(.receive))
            #expect(end.isFinal && end.result == 0)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("Shuts down one direction or both, which ends a pending receive", arguments: DriverKind.allCases)
    func shutsDown(kind: DriverKind) throws {
        try perform(ShutsDown(), on: kind)
    }

    private struct ShutsDownAndCloses: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            for _ in 0..<50 {
                let pair = try SocketPair(for: KernelDriver.kind)
                let successor = try SocketPair(for: KernelDriver.kind)
                let bytes: StaticString = "bye"
                // A literal has static storage.
                unsafe bench.driver.submit(
                    .send(descriptor: pair.own, bytes: UnsafeRawBufferPointer(start: bytes.utf8Start, count: 3), .more),
                    token)
                #expect(try bench.next(.send, within: 1_000_000)?.result == 3)
                bench.driver.submit(.shutdown(descriptor: pair.own, direction: Int32(SHUT_RDWR)), token)
                // Equivalent to closing the descriptor and accepting the next connection.
                #expect(dup2(successor.own, pair.own) == pair.own)
                _ = try bench.turn(within: 1_000_000)
                #expect(unsafe send(pair.own, bytes.utf8Start, 3, Int32(MSG_NOSIGNAL)) == 3)
                #expect(pair.read() == "bye" && pair.read() == nil && successor.read() == "bye")
                bench.driver.submit(.close(descriptor: pair.own), token)
                close(successor.own)
            }
        }
    }

    @Test("A shutdown takes effect before its descriptor can be reused", arguments: DriverKind.allCases)
    func shutsDownAndCloses(kind: DriverKind) throws {
        try perform(ShutsDownAndCloses(), on: kind)
    }

    private struct Closes: DriverCheck {
        let descriptor: Int32

        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            bench.driver.submit(.close(descriptor: descriptor), token)
        }
    }

    @Test("Descriptors are closed even if the driver is destroyed at once", arguments: DriverKind.allCases)
    func closes(kind: DriverKind) throws {
        let pair = try SocketPair(for: kind)
        try perform(Closes(descriptor: pair.own), on: kind)
        #expect(pair.read() == nil, "the peer receives FIN")
    }
}

/// Operations of drivers that don't concern connections.
extension DriverTests {
    private struct Accepts: DriverCheck {
        let sharesQueue: Bool

        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let listener = try Listener.open(host: "127.0.0.1", port: 0)
            let token = Token(slot: 1, generation: 7)
            bench.driver.submit(.accept(descriptor: listener.descriptor, once: false, sharesQueue: sharesQueue), token)
            for _ in 0..<3 {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                #expect(unsafe listener.socketAddress.withSockaddr { unsafe connect(client, $0, $1) } == 0)
                // A connection can be accepted once its first bytes have arrived.
                #expect(unsafe send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
                let accepted = try #require(try bench.next(.accept))
                #expect(accepted.result >= 0 && accepted.token == token)
                #expect(!accepted.isFinal || sharesQueue, "one at a time, if other reactors accept too")
                if accepted.isFinal {
                    bench.driver.submit(
                        .accept(descriptor: listener.descriptor, once: false, sharesQueue: sharesQueue), token)
                }
                #expect(fcntl(accepted.result, F_GETFD) & FD_CLOEXEC != 0, "child processes don't inherit it")
                close(accepted.result)
                close(client)
            }
            bench.driver.submit(.cancel(.accept), token)
            let last = try #require(try bench.next(.accept))
            #expect(last.isFinal && last.result < 0 && last.token == token)
        }
    }

    @Test("Accepts until it is cancelled", arguments: DriverKind.allCases, [false, true])
    func accepts(kind: DriverKind, sharesQueue: Bool) throws {
        try perform(Accepts(sharesQueue: sharesQueue), on: kind)
    }

    private struct Wakes: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let mailbox = try ReactorMailbox()
            bench.driver.submit(.wake(descriptor: mailbox.wakeEvent.descriptor), .none)
            for _ in 0..<3 {
                mailbox.requestStop(deadline: 1)
                #expect(try bench.next(.wake) != nil)
            }
            #expect(try !bench.turn().contains { $0.kind == .wake }, "no spurious wake-up")
        }
    }

    @Test("Wakes each time another thread signals the event", arguments: DriverKind.allCases)
    func wakes(kind: DriverKind) throws {
        try perform(Wakes(), on: kind)
    }

    private struct Times: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            for milliseconds: Int64 in [1, 20] {
                let start = Clock.nanoseconds()
                bench.driver.submit(.timer(nanoseconds: milliseconds * 1_000_000), .none)
                // A signal may end a turn without completions.
                while try !bench.driver.takesTimer() {}
                #expect(Clock.nanoseconds() - start >= milliseconds * 1_000_000)
            }
        }
    }

    @Test("A timer completes after its time, and not before", arguments: DriverKind.allCases)
    func times(kind: DriverKind) throws {
        try perform(Times(), on: kind)
    }
}

extension Driver where Self: ~Copyable {
    /// Makes a turn. Returns whether the timer completed.
    fileprivate mutating func takesTimer() throws -> Bool {
        try wait(blocks: true)
        var isTime = false
        while let completion = nextCompletion() {
            if completion.kind == .timer { isTime = true }
            release(completion)
        }
        return isTime
    }
}
