import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// More completions and submissions than the queues of a real ring hold, and more bytes than there are buffers, at the
/// same time.
@Suite("Overflow")
struct OverflowTests {
    private static let connectionCount = 150
    private static let rounds = 5
    private static let requestsPerRound = 8

    /// A run of a reactor on a thread of its own, as a ring requires, and its result.
    private final class Run: Sendable {
        let mailbox: ReactorMailbox
        let address: SocketAddress
        let overflows = OverflowingDriver.Counter()
        let left = Mutex<[String]>([])
        private let listener: Mutex<Listener?>

        init() throws {
            mailbox = try ReactorMailbox()
            let opened = try Listener.open(host: "127.0.0.1", port: 0)
            address = opened.socketAddress
            listener = Mutex(consume opened)
        }

        func serve() {
            do throws(SystemError) {
                guard let opened = listener.withLock({ (listener: inout sending Listener?) in listener.take() })
                else { return note("no listener") }
                var reactor = Reactor(
                    driver: try OverflowingDriver(counting: overflows),
                    listeners: [ReactorListener(opened, application: ScriptedApplication())], mailbox: mailbox,
                    configuration: ConnectionConfiguration())
                try reactor.run()
                if reactor.connections.count > 0 || reactor.connections.slotsInUse > 0 { note("slots") }
                if reactor.wheel.count > 0 { note("timers") }
                if reactor.driver.buffersInUse > 0 { note("buffers") }
            } catch {
                note(error.description)
            }
        }

        private func note(_ text: String) { left.withLock { $0.append(text) } }
    }

    /// Connects and sends `first`, after which the connection can be accepted.
    private static func connect(to address: SocketAddress, sending first: String) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        try #require(unsafe address.withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0)
        send(first, to: client)
        return client
    }

    private static func send(_ text: String, to client: Int32) {
        let bytes = Array(text.utf8)
        #expect(unsafe Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    private static func read(_ count: Int, from client: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        var taken = 0
        while taken < count {
            // In range: `taken` stays below `count`.
            let more = unsafe bytes.withUnsafeMutableBytes {
                unsafe recv(client, $0.baseAddress! + taken, count - taken, 0)
            }
            // A thread that had a ring is interrupted when the kernel destroys that ring.
            if more < 0, errno == EINTR { continue }
            guard more > 0 else { break }
            taken += more
        }
        return String(decoding: bytes.prefix(taken), as: UTF8.self)
    }

    @Test("Every client gets its responses although the queues overflow, and nothing leaks")
    func overflows() throws {
        let run = try Run()
        let thread = inBackground { run.serve() }
        let paths = (0..<Self.connectionCount).map { "/\($0)" }
        let requests = paths.map { String(repeating: Requests.get($0), count: Self.requestsPerRound) }
        let responses = paths.map { String(repeating: "GET \($0) keep\n", count: Self.requestsPerRound) }
        let clients = try requests.map { try Self.connect(to: run.address, sending: $0) }
        for round in 0..<Self.rounds {
            if round > 0 { for (client, request) in zip(clients, requests) { Self.send(request, to: client) } }
            for (client, response) in zip(clients, responses) {
                #expect(Self.read(response.utf8.count, from: client) == response)
            }
        }
        for client in clients { close(client) }
        run.mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000)
        thread.wait()
        #expect(run.left.withLock { $0 } == [])
        #expect(run.overflows.value.load(ordering: .relaxed) > 0, "the queue overflowed")
    }

    @Test("Quiet sends are known to be done although completions overflow in every turn")
    func standingOverflow() throws {
        var configuration = DriverConfiguration()
        configuration.submissionQueueEntries = 1
        var bench = DriverBench(try UringDriver(configuration: configuration))
        let pair = try SocketPair(for: .ioUring)
        var ended = try SocketPair(for: .ioUring)
        ended.closePeer()
        let bytes: StaticString = "quiet"
        // A literal has static storage.
        let buffer = unsafe UnsafeRawBufferPointer(start: bytes.utf8Start, count: 5)
        unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .quiet), Token(slot: 0, generation: 1))
        bench.driver.submit(.barrier, .none)
        var isSent = false
        for _ in 0..<50 where !isSent {
            // Each completes at once, so every turn has more completions than the queue holds.
            for slot in 1...40 {
                bench.driver.submit(
                    .receive(descriptor: ended.own, .multishot), Token(slot: slot, generation: 1))
            }
            let turn = try bench.turn()
            #expect(!turn.contains { $0.kind == .quietSend }, "it does not fail")
            isSent = turn.contains { $0.kind == .barrier }
            let hasReportedSends = bench.driver.hasReportedSends
            #expect(!hasReportedSends)
            let hasOverflow = bench.driver.hasOverflow
            #expect(hasOverflow)
        }
        #expect(isSent && pair.read() == "quiet")
        close(pair.own)
        close(ended.own)
    }
}
