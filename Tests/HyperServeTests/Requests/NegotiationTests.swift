import HyperServe
import Testing

@Suite("Content negotiation")
struct NegotiationTests {
    /// The field of a request, and the choice among the route's offers.
    typealias Choices = [(field: String?, choice: String)]

    /// `application/json`, `text/html; charset=utf-8` and `text/plain;format=flowed`.
    private static let mediaTypes: Choices = [
        (nil, "application/json"), ("*/*", "application/json"), ("", "none"), ("text/html", "text/html; charset=utf-8"),
        ("TEXT/HTML", "text/html; charset=utf-8"), ("text/*", "text/html; charset=utf-8"), ("image/png", "none"),
        ("text/html;q=0.4, application/json;q=0.5", "application/json"),
        ("text/html;q=0.5, application/json;q=0.4", "text/html; charset=utf-8"),
        ("application/json;q=0.5, */*;q=0.8", "text/html; charset=utf-8"),
        ("*/*, application/json;q=0", "text/html; charset=utf-8"), ("*/*;q=0", "none"),
        ("text/*;q=0.3, text/html;q=0.2, text/plain;format=flowed", "text/plain;format=flowed"),
        ("text/plain;format=fixed", "none"), ("text/plain", "text/plain;format=flowed"),
        ("text/html;level=1", "none"), ("text/html;q=1.000;level=1", "text/html; charset=utf-8"),
        ("text/html;q=1.001", "none"), ("text/html;q=2", "none"), ("text/html;q=.5", "none"),
        ("text/html;q=0.1234", "none"), ("text/html;q=-1", "none"), ("text/html;q=", "none"),
        ("text/html;q=1.", "text/html; charset=utf-8"),
        ("text/html;q", "none"), ("text/html;q=x, text/plain;q=0.1", "text/plain;format=flowed"),
        (",, ,text/html,,", "text/html; charset=utf-8"), ("a=\"x,text/html", "none"),
        ("text/plain;format=\"flowed\"", "text/plain;format=flowed"), (";q=1", "none"), ("text", "none"), ("*", "none"),
        ("image/png;a=\"\\\",text/html,\\\"\", application/json;q=0.1", "application/json"),
        ("text/html\r\nAccept: application/json", "application/json"),
    ]

    /// The last of 256 ranges, and the first that is not read.
    private static let longFields: Choices = [
        (String(repeating: "a/b,", count: 255) + "text/html", "text/html; charset=utf-8"),
        (String(repeating: "a/b,", count: 256) + "text/html", "none"),
        (String(repeating: "text/html;q=0.1,", count: 255) + "text/plain,application/json", "text/plain;format=flowed"),
    ]

    /// `en`, `de-CH` and `pt-BR`.
    private static let languages: Choices = [
        (nil, "en"), ("*", "en"), ("de", "de-CH"), ("de-ch", "de-CH"), ("en-GB", "en"), ("de-AT", "none"),
        ("fr, pt;q=0.1", "pt-BR"), ("fr", "none"), ("en;q=0.5, de;q=0.6", "de-CH"), ("en-US;q=0", "none"),
        ("en-GB;q=0, *;q=0.1", "en"), ("e", "none"), ("en-GB, en;q=0.2, de;q=0.3", "de-CH"),
        ("*;q=0.5, en;q=0.1", "de-CH"),
    ]

    /// `br` and `gzip`.
    private static let codings: Choices = [
        (nil, "none"), ("", "none"), ("gzip", "gzip"), ("GZip", "gzip"), ("gzip, br", "br"), ("gzip, br;q=0.9", "gzip"),
        ("*", "br"), ("br;q=0, *", "gzip"), ("identity", "none"), ("identity;q=0.5, gzip;q=0.4", "none"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"), ("gzip;q=0", "none"), ("deflate", "none"), ("gzip;q=0.001", "gzip"),
        ("identity, *", "br"),
    ]

    private static func router() -> Router {
        var router = Router()
        router.get("/Accept") { request in
            let offers: [MediaType] = [.json, .html, "text/plain;format=flowed"]
            return .text(request.preferredMediaType(of: offers)?.description ?? "none")
        }
        router.get("/Accept-Language") { request in
            .text(request.preferredLanguage(of: ["en", "de-CH", "pt-BR"]) ?? "none")
        }
        router.get("/Accept-Encoding") { request in
            .text(request.preferredContentCoding(of: ["br", "gzip"]) ?? "none")
        }
        return router
    }

    @Test("chooses by weight, by specificity, and by the server's order")
    func choices() async throws {
        let all = [
            ("Accept", Self.mediaTypes + Self.longFields), ("Accept-Language", Self.languages),
            ("Accept-Encoding", Self.codings),
        ]
        try await withServer(.epoll, Self.router()) { port in
            let client = RawClient(port: port)
            for (name, choices) in all {
                for (field, choice) in choices {
                    let line = field.map { "\(name): \($0)\r\n" } ?? ""
                    try client.send("GET /\(name) HTTP/1.1\r\nHost: a\r\n\(line)\r\n")
                    #expect(try client.readResponse().text == choice, "\(line)")
                }
            }
        }
    }
}
