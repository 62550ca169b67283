import HyperServe
import HyperServeTesting
import Testing

@Suite("Authentication", .timeLimit(.minutes(20)))
struct AuthTests {
    private static func client(_ auth: any Middleware) throws -> TestClient {
        var router = Router()
        router.use(auth)
        router.get("/") { _, context in .text(context.principal ?? "nobody") }
        return try TestClient(router: router)
    }

    @Test(
        "accepts valid credentials",
        arguments: [
            ("Basic QWRhOnNlY3JldA==", "Ada"), ("bAsIc   QWRhOnNlY3JldA==", "Ada"), ("Basic Qm9iOmE6Yg==", "Bob"),
            ("Basic RXZlOg==", "Eve"),
        ])
    func basic(credentials: String, name: String) async throws {
        let client = try AuthTests.client(
            BasicAuth(realm: "a \"realm\"", users: ["Ada": "secret", "Bob": "a:b", "Eve": ""]))
        #expect(try await client.get("/", headers: ["Authorization": credentials]).text == name)
    }

    @Test(
        "and rejects all others",
        arguments: [
            nil, "", "Basic", "Basic ", "Basic QWRh", "Basic QWRhOg==", "Basic QWRhOnNlY3JldA",
            "Basic QWRhOnNlY3JldB==",
            "Basic QWRhOnNlY3JldA== ", "Basic QWRhOnNlY3JldA=", "Basic !!!!", "Basic ====", "Basic OnNlY3JldA==",
            "Basic QWRhOnNlY3JldAA=", "Basic /////w==", "Bearer QWRhOnNlY3JldA==", "BasicQWRhOnNlY3JldA==",
            "Basic QWRhOnNlY3JldHNlY3JldA==", "Basic QWRhOnNlY3JldA==, Basic QWRhOnNlY3JldA==",
        ])
    func basicRefused(credentials: String?) async throws {
        let client = try AuthTests.client(BasicAuth(realm: "a \"realm\"", users: ["Ada": "secret"]))
        var headers = HeaderFields()
        headers["Authorization"] = credentials
        // White space around a field value is not part of it.
        let isKnown = credentials == "Basic QWRhOnNlY3JldA== "
        let response = try await client.get("/", headers: headers)
        #expect(response.status == (isKnown ? .ok : .unauthorized))
        guard !isKnown else { return }
        #expect(response.headers["WWW-Authenticate"] == #"Basic realm="a \"realm\"", charset="UTF-8""#)
    }

    @Test(
        "rejects credentials of the maximum length like any others", arguments: ["QQ", ":", "QWRhOg==", "="])
    func huge(unit: String) async throws {
        let client = try AuthTests.client(BasicAuth(realm: "realm", users: ["Ada": "secret"]))
        let headers: HeaderFields = [
            "Authorization": "Basic " + String(repeating: unit, count: 15_000 / unit.utf8.count)
        ]
        #expect(try await client.get("/", headers: headers).status == .unauthorized)
    }

    @Test("rejects two Authorization fields")
    func twice() async throws {
        let client = try AuthTests.client(BasicAuth(realm: "realm", users: ["Ada": "secret"]))
        var headers = HeaderFields()
        headers.append(name: "Authorization", value: "Basic QWRhOnNlY3JldA==")
        headers.append(name: "Authorization", value: "Basic QWRhOnNlY3JldA==")
        #expect(try await client.get("/", headers: headers).status == .unauthorized)
    }

    @Test(
        "accepts a valid token, and rejects all others",
        arguments: [
            ("Bearer abc.DEF-1_2~+/=", "Ada"), ("bearer  abc.DEF-1_2~+/=", "Ada"), (nil, nil), ("Bearer", nil),
            ("Bearer ", nil), ("Bearer abc", nil), ("Bearer abc.DEF-1_2~+/= x", nil), ("Bearer \u{E9}", nil),
            ("Basic abc.DEF-1_2~+/=", nil),
        ] as [(String?, String?)])
    func bearer(credentials: String?, name: String?) async throws {
        let client = try AuthTests.client(
            BearerAuth { isSameSecret($0, "abc.DEF-1_2~+/=") ? "Ada" : nil })
        var headers = HeaderFields()
        headers["Authorization"] = credentials
        let response = try await client.get("/", headers: headers)
        #expect(response.status == (name == nil ? .unauthorized : .ok))
        if let name { #expect(response.text == name) }
        if name == nil { #expect(response.headers["WWW-Authenticate"]?.hasPrefix("Bearer realm=\"api\"") == true) }
    }

    @Test("compares secrets byte by byte")
    func secrets() {
        #expect(isSameSecret("", "") && isSameSecret("secret", "secret"))
        for (candidate, secret) in [
            ("", "a"), ("a", ""), ("a", "aa"), ("aa", "a"), ("secres", "secret"), ("\u{E9}", "e\u{301}"), ("\0", ""),
        ] { #expect(!isSameSecret(candidate, secret), "\(candidate) \(secret)") }
    }
}
