import Glibc
import HyperServe
import TestSupport
import Testing

/// Many bytes, requests and connections, over loopback. One test at a time, so that descriptors can be counted.
@Suite("Traffic", .serialized)
struct TrafficTests {
    private static func router() -> Router {
        var router = Router()
        router.get("/") { _ in .text("Hello, World!") }
        router.get("/number/{n}") { request in .text(request.parameters["n"]!) }
        router.post("/echo") { request in .bytes(request.body.bytes) }
        return router
    }

    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("comes back byte for byte, whatever the length", arguments: DriverKind.allCases, [false, true])
    func bodies(driver: DriverKind, isChunked: Bool) async throws {
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.maximumBodyByteCount = 16 * 1024 * 1024
        }
        try await withServer(driver, TrafficTests.router(), configure: configure) { port in
            let client = RawClient(port: port)
            for count in [0, 1, 1023, 4096, 65_537, 1 << 20, 16 << 20] {
                let body = TrafficTests.pattern(count)
                let sender = client.sending(TrafficTests.post(body, isChunked: isChunked))
                let response = try client.readResponse()
                sender.wait()
                #expect(response.status == 200)
                #expect(response.body == body, "\(count) bytes")
            }
        }
    }

    @Test(
        "is not delayed where a request ends with a receive buffer, and another follows",
        arguments: DriverKind.allCases,
        [256, 512, 1024, 4096])
    func alignedRequests(driver: DriverKind, byteCount: Int) async throws {
        try await withServer(driver, TrafficTests.router()) { port in
            let client = RawClient(port: port)
            #expect(try client.get("/").status == 200)
            let field = String(repeating: "x", count: byteCount - TrafficTests.request.utf8.count - 7)
            let request = TrafficTests.request.dropLast() + "X-A: \(field)\r\n\r\n"
            #expect(request.utf8.count == byteCount)
            let count = 4096 / byteCount + 1
            var shortest = Duration.seconds(1000)
            for _ in 0..<20 {
                let start = ContinuousClock.now
                try client.send(String(repeating: String(request), count: count))
                for _ in 0..<count { #expect(try client.readResponse().status == 200) }
                shortest = min(shortest, .now - start)
            }
            // A tick of the reactor's clock, which would bring the last one otherwise, is a tenth of a second.
            #expect(shortest < .milliseconds(50))
        }
    }

    /// Bytes in a pattern that shows a missing one.
    private static func pattern(_ count: Int) -> [UInt8] {
        let block = (0..<4099).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes += block.prefix(count - bytes.count) }
        return bytes
    }

    /// A request that carries `body`, whole or in chunks of several sizes.
    private static func post(_ body: [UInt8], isChunked: Bool) -> [UInt8] {
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\n"
        guard isChunked else { return Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body }
        var bytes = Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8)
        var (offset, size) = (0, 1)
        while offset < body.count {
            let end = min(offset + size, body.count)
            bytes += Array("\(String(end - offset, radix: 16))\r\n".utf8) + body[offset..<end] + Array("\r\n".utf8)
            (offset, size) = (end, min(size * 3, 100_000))
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    @Test("in a pipeline of 1,000 requests gets its responses in order", arguments: DriverKind.allCases)
    func pipeline(driver: DriverKind) async throws {
        try await withServer(driver, TrafficTests.router()) { port in
            let client = RawClient(port: port)
            let requests = (0..<1000).map { "GET /number/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            let sender = client.sending(Array(requests.utf8))
            for number in 0..<1000 {
                let response = try client.readResponse()
                #expect(response.text == "\(number)")
            }
            sender.wait()
        }
    }

    @Test("cut into single bytes gets its response", arguments: DriverKind.allCases)
    func fragments(driver: DriverKind) async throws {
        try await withServer(driver, TrafficTests.router()) { port in
            let client = RawClient(port: port)
            for byte in TrafficTests.post(Array("hello".utf8), isChunked: true) { try client.send([byte]) }
            #expect(try client.readResponse().text == "hello")
        }
    }

    @Test("on 2,000 connections at once gets its response on each", arguments: DriverKind.allCases)
    func manyConnections(driver: DriverKind) async throws {
        try await withServer(driver, TrafficTests.router()) { port in
            let clients = try (0..<2000).map { _ in try RawClient(connectingTo: port) }
            for _ in 0..<2 {
                for client in clients { try client.send(TrafficTests.request) }
                for client in clients { #expect(try client.readResponse().text == "Hello, World!") }
            }
        }
    }

    @Test("on 20,000 connections, one after the other, leaves nothing behind, on io_uring")
    func churnOnUring() async {
        // In separate processes, where no other test opens descriptors.
        await #expect(processExitsWith: .success) { try await TrafficTests.churn(.ioUring) }
    }

    @Test("on 20,000 connections, one after the other, leaves nothing behind, on epoll")
    func churnOnEpoll() async {
        await #expect(processExitsWith: .success) { try await TrafficTests.churn(.epoll) }
    }

    private static func churn(_ driver: DriverKind) async throws {
        let address = LoopbackAddress.counted
        let server = try Server(
            router: TrafficTests.router(),
            configuration: .init(host: address.text, port: 0, threads: 2, driver: driver))
        try await server.start()
        let port = server.port!
        let before = ProcessFiles.socketCount()
        try await onOwnThread {
            for _ in 0..<20_000 {
                let client = try RawClient(connectingTo: port, at: address)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let count = try client.readToEnd().count
                precondition(count > 100, "a response is missing")
            }
            let left = ProcessFiles.settled(before) { ProcessFiles.socketCount() }
            precondition(left == before, "\(left - before) sockets are left")
            let open = ProcessFiles.settled(0) { server.statistics.map(\.openConnections).reduce(0, +) }
            precondition(open == 0, "\(open) connections are left")
            precondition(server.statistics.map(\.acceptedConnections).reduce(0, +) == 20_000)
            let leaks = server.stopListingLeaks()
            precondition(leaks.isEmpty, "\(leaks)")
        }
    }
}
