import HyperServe
import Testing

/// An error that is not an `HTTPError`.
private struct Failure: Error {}

@Suite("Errors as problem details")
struct ProblemDetailsTests {
    @Test("are objects of RFC 9457, without members that are not set")
    func encoding() throws {
        #expect(try text(ProblemDetails(.notFound)) == #"{"title":"Not Found","status":404}"#)
        #expect(try text(ProblemDetails(Status(499)!)) == #"{"status":499}"#)
        var problem = ProblemDetails(.forbidden, detail: "30 is less than 50.")
        problem.type = "https://example.com/out-of-credit"
        problem.title = "Out of credit"
        problem.instance = "/account/1"
        problem.extensions = ["balance": 30, "accounts": ["/a/1", "/a/2"], "status": 1]
        #expect(
            try text(problem)
                == #"{"type":"https://example.com/out-of-credit","title":"Out of credit","status":403,"#
                + #""detail":"30 is less than 50.","instance":"/account/1","accounts":["/a/1","/a/2"],"balance":30}"#)
    }

    private func text(_ problem: ProblemDetails) throws -> String {
        let response = try Response.problem(problem)
        #expect(response.contentType?.description == "application/problem+json")
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func router() -> Router {
        var router = Router()
        router.get("/text") { _ in throw HTTPError(.conflict, "taken") }
        router.get("/silent") { _ in throw HTTPError(.conflict) }
        router.get("/problem") { _ in throw HTTPError(ProblemDetails(.conflict, detail: "taken")) }
        router.get("/other") { _ in throw Failure() }
        router.get("/broken") { _ in
            var problem = ProblemDetails(.conflict)
            problem.extensions = ["n": Double.nan]
            throw HTTPError(problem)
        }
        return router
    }

    private static let object = #"{"title":"Conflict","status":409,"detail":"taken"}"#
    private static let json = "application/problem+json"
    private static let plain = "text/plain; charset=utf-8"

    @Test("are sent if the configuration or the error says so, and the client accepts them")
    func responses() async throws {
        let cases: [(format: ErrorFormat, path: String, accept: String, type: String?, text: String)] = [
            (.text, "/text", "*/*", Self.plain, "taken"), (.text, "/silent", "*/*", nil, ""),
            (.text, "/problem", "*/*", Self.json, Self.object), (.text, "/problem", "text/html", Self.plain, "taken"),
            (.problemDetails, "/text", "application/json", Self.json, Self.object),
            (.problemDetails, "/text", "application/problem+json", Self.json, Self.object),
            (.problemDetails, "/text", "application/*;q=0.1, text/html", Self.json, Self.object),
            (.problemDetails, "/text", "text/html", Self.plain, "taken"),
            (.problemDetails, "/silent", "*/*", Self.json, #"{"title":"Conflict","status":409}"#),
            (.problemDetails, "/other", "*/*", Self.json, #"{"title":"Internal Server Error","status":500}"#),
            (.problemDetails, "/broken", "*/*", Self.json, #"{"title":"Internal Server Error","status":500}"#),
            (.text, "/broken", "*/*", nil, ""),
        ]
        for (format, isText) in [(ErrorFormat.text, true), (.problemDetails, false)] {
            let cases = cases.filter { if case .text = $0.format { isText } else { !isText } }
            let configure = { (configuration: inout ServerConfiguration) in configuration.errorFormat = format }
            try await withServer(.epoll, Self.router(), configure: configure) { port in
                let client = RawClient(port: port)
                for (_, path, accept, type, text) in cases {
                    try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\n\r\n")
                    let response = try client.readResponse()
                    #expect(response.headers["content-type"] == type && response.text == text, "\(path): \(response)")
                    #expect(response.status == (["/other", "/broken"].contains(path) ? 500 : 409))
                }
            }
        }
    }
}
