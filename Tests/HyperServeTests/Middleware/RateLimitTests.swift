import HyperServeTesting
import Synchronization
import Testing

@testable import HyperServe

@Suite("The rate limit", .timeLimit(.minutes(20)))
struct RateLimitTests {
    /// A clock that the test moves.
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

    @Test("lets a burst through, then as much as comes back, and says when to come again")
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

    @Test("counts each client for itself: an IPv4 address, an IPv6 network, or what the application says")
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

    @Test("a flood of keys neither grows the table nor refuses a stranger")
    func flood() {
        let table = RateTable(places: 64, intervalNanoseconds: 1_000_000_000, burst: 2)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100_000 { #expect(table.take(hash: generator.next(), nanoseconds: 0).isAllowed) }
    }

    @Test("a key keeps its count while others come and pay for themselves")
    func eviction() {
        let table = RateTable(places: 8, intervalNanoseconds: 1_000_000_000, burst: 3)
        let victim: UInt64 = 0xABCDEF << 40
        for _ in 0..<3 { #expect(table.take(hash: victim, nanoseconds: 0).isAllowed) }
        // Each of the others owes less, so they take each other's places.
        for key in 1...100 as ClosedRange<UInt64> { _ = table.take(hash: key << 40, nanoseconds: 0) }
        #expect(!table.take(hash: victim, nanoseconds: 0).isAllowed)
    }

    @Test("the clock may come round")
    func wrap() {
        let table = RateTable(places: 8, intervalNanoseconds: 1_000_000_000, burst: 1)
        let round = (Int64(1) << 40) * RateTable.stepNanoseconds
        let key: UInt64 = 7 << 40
        for start in [round - 500_000_000, round * 3 / 2, round * 5 / 2] {
            #expect(table.take(hash: key, nanoseconds: start).isAllowed)
            #expect(!table.take(hash: key, nanoseconds: start + 900_000_000).isAllowed)
            #expect(table.take(hash: key, nanoseconds: start + 1_000_000_000).isAllowed)
        }
    }

    @Test("threads together get no more than one would")
    func threads() async throws {
        let table = RateTable(places: 8, intervalNanoseconds: 1_000_000_000, burst: 1000)
        let allowed = Atomic<Int>(0)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<2000).count { _ in table.take(hash: 7 << 40, nanoseconds: 0).isAllowed }
                }
            }
            for await count in group { allowed.add(count, ordering: .relaxed) }
        }
        #expect(allowed.load(ordering: .relaxed) == 1000)
    }
}
