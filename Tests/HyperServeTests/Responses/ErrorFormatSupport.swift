import Glibc
import HyperServe
import Testing

/// An error that is not an `HTTPError`.
struct ErrorFormatFailure: Error {}

/// Routes with an error of each kind: of handlers, of middlewares, and of responses that can't be sent.
func errorRoutes(_ events: Events = Events()) -> Router {
    var router = Router()
    router.get("/throws") { _ in throw HTTPError(.conflict, "taken", headers: ["X-Reason": "stock"]) }
    router.get("/async/throws") { _ async throws in throw HTTPError(.conflict, "taken", headers: ["X-Reason": "stock"])
    }
    router.get("/blocking/throws", .blocking) { _ in
        throw HTTPError(.conflict, "taken", headers: ["X-Reason": "stock"])
    }
    router.get("/other") { _ in throw ErrorFormatFailure() }
    router.get("/fields") { _ in throw HTTPError(.conflict, "taken", headers: ["X-Reason": "a\nb"]) }
    router.get("/invalid") { _ in Response(headers: ["X-Value": "a\nb"]) }
    router.get("/async/invalid") { _ async in Response(headers: ["X-Value": "a\nb"]) }
    router.get("/blocking/invalid", .blocking) { _ in Response(headers: ["X-Value": "a\nb"]) }
    router.get("/invalid/head") { _ in
        .stream(headers: ["X-Value": "a\nb"]) { writer async throws in try await writer.write("a") }
    }
    router.get("/blocking/invalid/head", .blocking) { _ in
        .blockingStream(headers: ["X-Value": "a\nb"]) { writer in try writer.write("a") }
    }
    router.get("/invalid/stream") { _ in
        .stream(contentLength: -1) { writer async throws in try await writer.write("a") }
    }
    router.get("/blocking/invalid/stream", .blocking) { _ in
        .blockingStream(contentLength: -1) { writer in try writer.write("a") }
    }
    router.get("/basic", with: [BasicAuth(realm: "a", users: [:])]) { _ in .text("ok") }
    router.get("/bearer", with: [BearerAuth(realm: "a") { _ in nil }]) { _ in .text("ok") }
    router.get("/limited", with: [RateLimit(1, per: .seconds(3600), by: .custom { _, _ in "all" })]) { _ in .text("ok")
    }
    router.get("/conditional", with: [ConditionalRequests()]) { _ in .text("ok") }
    router.post("/json") { request in .text(try request.decode(json: String.self)) }
    router.post("/small", body: .collect(upTo: 4)) { request in .text("\(request.body.bytes.count)") }
    router.post("/streamed", body: .stream(upTo: 4)) { request async throws in
        for try await _ in request.body.chunks {}
        return .text("ok")
    }
    router.post("/blocking/streamed", .blocking, body: .stream(upTo: 4)) { request in
        while try request.body.nextChunk() != nil {}
        return .text("ok")
    }
    router.get("/waits", with: [Timeout(.milliseconds(100))]) { _ async throws in
        try await Task.sleep(for: .seconds(3600))
        return .text("ok")
    }
    router.get("/blocking/waits", .blocking, with: [Timeout(.milliseconds(100))]) { _ in
        try events.wait(for: "released")
        return .text("ok")
    }
    router.get("/blocking/held", .blocking) { _ in
        events.add("begun")
        try events.wait(for: "released")
        return .text("held")
    }
    router.get("/") { _ in .text("ok") }
    return router
}

/// A request that gets an error, and what its response has.
struct ErrorCase: Sendable, CustomTestStringConvertible {
    let request: String
    let status: Int
    /// The detail of the error; nil for none.
    var detail: String?
    /// The path that the format gets; nil if there is no request.
    var path: String?
    /// A field that the response keeps, its name in lower case.
    var field: (name: String, value: String)?

    var testDescription: String { "\(status) to \(request.prefix { $0 != "\r\n" }.prefix(60))" }

    static func get(
        _ path: String, _ status: Int, _ detail: String? = nil, method: String = "GET", fields: String = "",
        _ field: (name: String, value: String)? = nil
    ) -> ErrorCase {
        let request = "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
        return ErrorCase(request: request, status: status, detail: detail, path: path, field: field)
    }

    static func post(_ path: String, _ status: Int, _ detail: String, _ rest: String) -> ErrorCase {
        let request = "POST \(path) HTTP/1.1\r\nHost: a\r\n\(rest)"
        return ErrorCase(request: request, status: status, detail: detail, path: path)
    }

    static func malformed(_ status: Int, _ detail: String, _ request: String) -> ErrorCase {
        ErrorCase(request: request, status: status, detail: detail)
    }

    /// The problem details.
    var problem: String {
        let status = Status(status)!
        let detail = detail.map { ",\"detail\":\"\($0.replacing("\"", with: "\\\""))\"" } ?? ""
        return "{\"title\":\"\(status.reasonPhrase!)\",\"status\":\(status)\(detail)}"
    }

    /// What `html` writes.
    var html: String { "<p>\(status) \(detail ?? "-") \(path ?? "-")</p>" }
}

extension ErrorFormat {
    /// A custom format that shows what it gets.
    static var html: ErrorFormat {
        .custom { error in
            let path = error.request.map { ErrorDescription.escapedHTML($0.path) } ?? "-"
            let page = "<p>\(error.status) \(error.detail ?? "-") \(path)</p>"
            return .html(page, status: .ok)
        }
    }
}

extension RawResponse {
    /// Expects the response to be that of the case in problem details, or in the custom format.
    func expect(_ error: ErrorCase, isCustom: Bool, _ location: SourceLocation = #_sourceLocation) {
        let comment = Comment(rawValue: "\(error.testDescription): \(self) \(text)")
        #expect(status == error.status, comment, sourceLocation: location)
        let type = isCustom ? "text/html; charset=utf-8" : "application/problem+json"
        #expect(headers["content-type"] == type, comment, sourceLocation: location)
        #expect(text == (isCustom ? error.html : error.problem), comment, sourceLocation: location)
        if let field = error.field {
            // A time to wait of an hour has begun to pass.
            let value = headers[field.name].map { (3000..<3600).contains(Int($0) ?? 0) ? "3600" : $0 }
            #expect(value == field.value, comment, sourceLocation: location)
        }
    }
}
