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

    @Test("is served beside HTTP/1.1, in pieces and pipelined, and ends in order", arguments: DriverKind.allCases)
    func served(driver: DriverKind) throws {
        let endedCount = Counter()
        let group = try ReactorGroup(configuration: Self.configuration(driver, endedCount)) {
            [ScriptedApplication(), ScriptedApplication()]
        }
        let http = try RawClient.connect(group, 0)
        RawClient.send(Requests.get("/a"), to: http)
        #expect(RawClient.receive(12, from: http) == "GET /a keep\n")
        let echo = try RawClient.connect(group, 1)
        for piece in ["he", "llo\nwor", "ld\n"] {
            RawClient.send(piece, to: echo)
            usleep(20_000)
        }
        #expect(RawClient.receive(12, from: echo) == "hello\nworld\n")
        // More than the sockets hold while the peer does not read.
        let line = String(repeating: "x", count: 999) + "\n"
        let sender = inBackground {
            for _ in 0..<5000 { RawClient.send(line, to: echo) }
        }
        usleep(50_000)
        for _ in 0..<5000 { #expect(RawClient.receive(1000, from: echo) == line) }
        sender.wait()
        RawClient.send("quit\nlost\n", to: echo)
        #expect(RawClient.receive(6, from: echo) == "quit\n")
        close(echo)
        // Another connection that is in the middle of a line when the server stops, and an idle one.
        let inLine = try RawClient.connect(group, 1)
        RawClient.send("half", to: inLine)
        let atRest = try RawClient.connect(group, 1)
        RawClient.send("whole\n", to: atRest)
        #expect(RawClient.receive(6, from: atRest) == "whole\n")
        group.requestStop(deadlineMilliseconds: 2000)
        #expect(RawClient.receive(1, from: atRest).isEmpty)
        RawClient.send(" and half\n", to: inLine)
        #expect(RawClient.receive(14, from: inLine) == "half and half\n")
        #expect(group.join() == [])
        #expect(endedCount.value == 3)
        for client in [http, inLine, atRest] { close(client) }
    }
}
