import Glibc
import HTTPCore
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// A protocol that sends each line back, and ends the connection after "quit".
private final class LineEcho: ConnectionProtocol {
    private let endedCount: Counter
    private var isInLine = false

    init(_ endedCount: Counter) { self.endedCount = endedCount }

    var wait: Wait { isInLine ? .head : .request }

    func receive(_ bytes: RawSpan, _ transport: inout Transport) -> Int {
        var used = 0
        for index in 0..<bytes.byteCount where bytes.byte(at: index) == UInt8(ascii: "\n") {
            let line = bytes.extracting(used..<index + 1)
            used = index + 1
            transport.output.last.append(line)
            guard line.byteCount == 5, line.byte(at: 0) == UInt8(ascii: "q") else { continue }
            transport.finish(lingers: false)
            return used
        }
        isInLine = used < bytes.byteCount
        return used
    }

    func peerFinished(_ transport: inout Transport) { transport.finish(lingers: false) }

    func timedOut(_ transport: inout Transport) { transport.fail() }

    func disconnected() { endedCount.add() }
}

/// A counter for any thread.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}

/// Adding a protocol needs no change to drivers, transport, router or handlers.
@Suite("Another protocol on a listener of its own")
struct OtherProtocolTests {
    private static func configuration(_ driver: DriverKind, _ endedCount: Counter) -> ReactorGroupConfiguration {
        var configuration = ReactorGroupConfiguration()
        configuration.addresses = [.tcp(host: "127.0.0.1", port: 0), .tcp(host: "127.0.0.1", port: 0)]
        configuration.driver = driver
        configuration.threadCount = 2
        configuration.protocols = [1: { LineEcho(endedCount) }]
        return configuration
    }

    private static func connect(_ group: ReactorGroup, _ index: Int) throws -> Int32 {
        guard case .tcp(let address) = group.addresses[index] else { preconditionFailure("all addresses are TCP") }
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // With a lost response, the test fails instead of hanging.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        _ = unsafe setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        try #require(unsafe address.withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0)
        return client
    }

    private static func send(_ text: String, to client: Int32) {
        let bytes = Array(text.utf8)
        #expect(unsafe Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    private static func receive(_ count: Int, from client: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = unsafe recv(client, &bytes, count, Int32(MSG_WAITALL))
        return String(decoding: bytes.prefix(max(received, 0)), as: UTF8.self)
    }

    @Test("is served beside HTTP/1.1, in pieces and pipelined, and ends in order", arguments: DriverKind.allCases)
    func served(driver: DriverKind) throws {
        let endedCount = Counter()
        let group = try ReactorGroup(configuration: Self.configuration(driver, endedCount)) {
            [ScriptedApplication(), ScriptedApplication()]
        }
        let http = try Self.connect(group, 0)
        Self.send(Requests.get("/a"), to: http)
        #expect(Self.receive(12, from: http) == "GET /a keep\n")
        let echo = try Self.connect(group, 1)
        for piece in ["he", "llo\nwor", "ld\n"] {
            Self.send(piece, to: echo)
            usleep(20_000)
        }
        #expect(Self.receive(12, from: echo) == "hello\nworld\n")
        // More than the sockets hold while the peer does not read.
        let line = String(repeating: "x", count: 999) + "\n"
        let sender = inBackground {
            for _ in 0..<5000 { Self.send(line, to: echo) }
        }
        usleep(50_000)
        for _ in 0..<5000 { #expect(Self.receive(1000, from: echo) == line) }
        sender.wait()
        Self.send("quit\nlost\n", to: echo)
        #expect(Self.receive(6, from: echo) == "quit\n")
        close(echo)
        // Another connection that is in the middle of a line when the server stops, and an idle one.
        let inLine = try Self.connect(group, 1)
        Self.send("half", to: inLine)
        let atRest = try Self.connect(group, 1)
        Self.send("whole\n", to: atRest)
        #expect(Self.receive(6, from: atRest) == "whole\n")
        group.requestStop(deadlineMilliseconds: 2000)
        #expect(Self.receive(1, from: atRest).isEmpty)
        Self.send(" and half\n", to: inLine)
        #expect(Self.receive(14, from: inLine) == "half and half\n")
        #expect(group.join() == nil)
        #expect(endedCount.value == 3)
        for client in [http, inLine, atRest] { close(client) }
    }
}
