import HTTPCore
import TestSupport
import Testing

@Suite("A method")
struct MethodTests {
    @Test(
        "reads as its token, and is read from it",
        arguments: [
            "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PURGE", "PROPFIND", "get",
            "GETT", "GE", "G", "1", "!#$%&'*+-.^_`|~", "12345678", "VERSION-CONTROL", "BASELINE-CONTROL",
            "UPDATEREDIRECTREF", String(repeating: "M", count: 31), String(repeating: "M", count: 32),
        ])
    func text(token: String) throws {
        let method = try #require(Method(token))
        #expect(method.name == token && "\(method)" == token)
        #expect(Method(method.description) == method)
    }

    @Test(
        "is a token of 1 to 32 bytes, and nothing traps",
        arguments: [
            "", " ", "GET ", " GET", "G ET", "GET\0", "\0", "\0\0\0\0\0\0\0\0", "\u{1}", "\u{8}", "GET\r\n", "G\u{C9}T",
            "GET/", "(", "G,T", "\u{7F}", "\u{E9}", String(repeating: "M", count: 33),
            String(repeating: "M", count: 100_000),
        ])
    func notATokens(text: String) {
        #expect(Method(text) == nil)
    }

    @Test("is equal to one with the same token only, in the same case")
    func equality() throws {
        let tokens = ["GET", "get", "Get", "HEAD", "PATCH", "PURGE", "PURG", "PURGE2", "purge"]
        let padded = (1...32).map { String(repeating: "A", count: $0) }
        let methods = try (tokens + padded).map { try #require(Method($0)) }
        #expect(Set(methods).count == methods.count)
        #expect(Method("GET") == .get && Method("PATCH") == .patch && Method("PURGE") == ("PURGE" as Method))
        #expect(Method.standard.map(\.name).compactMap(Method.init) == Method.standard)
        #expect(Method.standard.map(\.number) == MethodNumber.standard)
        #expect(("PURGE" as Method).number == .other)
    }

    @Test("of a request head is that of its bytes, after empty lines too")
    func head() {
        for (text, method) in [("GET", Method.get), ("PATCH", .patch), ("LOCK", "LOCK")] {
            for start in ["", "\r\n", "\r\n\r\n"] {
                let summary = Feeding.inOnePiece(latin1("\(start)\(text) /a HTTP/1.1\r\nHost: a\r\n\r\n"))
                #expect(summary.method == method)
            }
        }
    }
}
