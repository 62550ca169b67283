import HyperServeTesting
import Synchronization
import Testing

@testable import HyperServe

@Suite("The rate limit", .timeLimit(.minutes(20)))
struct RateLimitTests {
    /// A clock that the test advances.
    private final class ManualClock: Sendable {
        let nanoseconds = Atomic<Int64>(0)

        func advance(milliseconds: Int64) { nanoseconds.add(milliseconds * 1_000_000, ordering: .relaxed) }
    }

    private static func client(
        _ requests: Int, per duration: Duration, by key: RateLimit.Key = .address, _ clock: ManualClock
    ) throws -> TestClient {
        var router = Router()
        router.use(
            RateLimit(requests, per: duration, by: key, maximumKeys: 64) { clock.nanoseconds.load(ordering: .relaxed) })
        router.get("/") { _ in .text("") }
        return try TestClient(router: router)
    }

    @Test("allows a burst, then as much as is refilled, and sends Retry-After")
    func burst() async throws {
        let clock = ManualClock()
        let client = try RateLimitTests.client(3, per: .seconds(6), clock)
        for remaining in [2, 1, 0] {
            let response = try await client.get("/")
            #expect(response.status == .ok)
            #expect(response.headers["RateLimit-Policy"] == "\"default\";q=3;w=6")
            #expect(response.headers["RateLimit"]?.hasPrefix("\"default\";r=\(remaining);") == true)
        }
        let refused = try await client.get("/")
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers["Retry-After"] == "2")
        #expect(refused.headers["RateLimit"] == "\"default\";r=0;t=2")
        clock.advance(milliseconds: 1999)
        #expect(try await client.get("/").headers["Retry-After"] == "1")
        clock.advance(milliseconds: 1)
        #expect(try await client.get("/").status == .ok)
        #expect(try await client.get("/").status == .tooManyRequests)
        clock.advance(milliseconds: 60_000)
        for _ in 0..<3 { #expect(try await client.get("/").status == .ok) }
        #expect(try await client.get("/").status == .tooManyRequests)
    }

    @Test("counts each client separately: an IPv4 address, an IPv6 network, or a key of the application")
    func keys() async throws {
        func status(_ client: TestClient, from host: String) async throws -> Status {
            let connection = try client.connect(from: host)
            try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return try await connection.readResponse().status
        }
        let client = try RateLimitTests.client(1, per: .seconds(60), ManualClock())
        #expect(try await status(client, from: "192.0.2.1") == .ok)
        #expect(try await status(client, from: "192.0.2.1") == .tooManyRequests)
        #expect(try await status(client, from: "192.0.2.2") == .ok)
        #expect(try await status(client, from: "2001:db8::1") == .ok)
        #expect(try await status(client, from: "2001:db8::2") == .tooManyRequests)
        #expect(try await status(client, from: "2001:db8:0:1::1") == .ok)
        let named = try RateLimitTests.client(
            1, per: .seconds(60), by: .custom { request, _ in request.headers["Key"] }, ManualClock())
        #expect(try await named.get("/", headers: ["Key": "a"]).status == .ok)
        #expect(try await named.get("/", headers: ["Key": "a"]).status == .tooManyRequests)
        #expect(try await named.get("/", headers: ["Key": "b"]).status == .ok)
        for _ in 0..<3 { #expect(try await named.get("/").status == .ok) }
    }
}
