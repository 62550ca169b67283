import Gateway
import HyperServe
import HyperServeTesting
import Synchronization
import Testing

@Suite("The gateway", .timeLimit(.minutes(20)))
struct GatewayTests {
    let client: TestClient
    let log = Log()
    let shop: HeaderFields = ["Host": "api.example.com", "X-API-Key": "k"]
    let admin: HeaderFields = ["Host": "admin.example.com"]

    final class Log: Sendable {
        let lines = Mutex<[String]>([])
    }

    init() throws {
        let log = log
        client = try TestClient(
            router: gatewayRoutes(quotas: Quotas(), requestsPerKey: 2) { line in
                log.lines.withLock { $0.append(line) }
            })
    }

    @Test("has two versions of an API")
    func versions() async throws {
        #expect(try await client.get("/v1/products", headers: shop).text == #"["bread","butter"]"#)
        #expect(try await client.get("/v2/products", headers: shop).text.hasPrefix(#"[{"name":"bread","cents":320}"#))
        #expect(try await client.get("/v3/products", headers: shop).status == .notFound)
    }

    @Test("keeps its hosts apart")
    func hosts() async throws {
        #expect(try await client.get("/v1/products", headers: admin).status == .notFound)
        #expect(try await client.get("/status", headers: shop).status == .notFound)
        let other: HeaderFields = ["Host": "other.example"]
        #expect(try await client.get("/status", headers: other).status == .notFound)
        let withPort: HeaderFields = ["Host": "ADMIN.example.com:8080"]
        #expect(try await client.get("/status", headers: withPort).text == #"{"served":0}"#)
    }

    @Test("allows a key as many requests as its quota, and again when it is renewed")
    func quotas() async throws {
        for status in [Status.ok, .ok, .tooManyRequests] {
            let response = try await client.get("/v1/products", headers: shop)
            #expect(response.status == status)
            #expect((response.headers["Retry-After"] != nil) == (status == .tooManyRequests))
        }
        let another: HeaderFields = ["Host": "api.example.com", "X-API-Key": "l"]
        #expect(try await client.get("/v1/products", headers: another).status == .ok)
        #expect(try await client.get("/v1/products", headers: ["Host": "api.example.com"]).status == .unauthorized)

        #expect(try await client.send(.post, "/quotas/renewals", headers: admin).status == .noContent)
        #expect(try await client.get("/v1/products", headers: shop).status == .ok)
    }

    @Test("adds fields to every response, errors too", arguments: ["api.example.com", "admin.example.com"])
    func marks(host: String) async throws {
        let headers: HeaderFields = ["Host": host, "X-Request-ID": "abc-1"]
        let response = try await client.get("/status", headers: headers)
        #expect(response.headers["X-Request-ID"] == "abc-1")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
    }

    @Test("replaces an invalid ID", arguments: ["a b", "", String(repeating: "a", count: 65), "\u{e9}"])
    func badIDs(id: String) async throws {
        let response = try await client.get("/status", headers: ["Host": "admin.example.com", "X-Request-ID": id])
        #expect(response.headers["X-Request-ID"]?.hasPrefix("gateway-") == true)
    }

    @Test("writes a line for each response")
    func logs() async throws {
        _ = try await client.get("/status", headers: admin)
        _ = try await client.get("/status", headers: shop)
        #expect(
            log.lines.withLock { $0 } == ["admin.example.com GET /status 200", "api.example.com GET /status 404"])
    }
}
