import HTTP1
import HTTPCore
import TestSupport
import Testing

/// A valid request, and the expected result of parsing it.
struct ValidHead: Sendable, CustomTestStringConvertible {
    let name: String
    let section: String
    let bytes: [UInt8]
    let expected: HeadSummary

    /// `change` makes the expected result from that of a plain `GET /` with `Host: a`.
    init(_ name: String, _ section: String, _ text: String, _ change: (inout HeadSummary) -> Void = { _ in }) {
        self.name = name
        self.section = section
        self.bytes = latin1(text)
        var expected = HeadSummary(rejected: .headTooLarge)
        expected.result = .complete
        (expected.target, expected.path, expected.host, expected.fields) = ("/", "/", "a", ["Host|a"])
        expected.byteCount = bytes.count
        change(&expected)
        self.expected = expected
    }

    /// Another request line.
    static func line(
        _ name: String, _ section: String, _ line: String, _ change: (inout HeadSummary) -> Void
    ) -> ValidHead {
        ValidHead(name, section, line + "\r\nHost: a\r\n\r\n", change)
    }

    /// Another origin-form target, with its path and query.
    static func target(_ name: String, _ target: String, _ path: String, _ query: String = "") -> ValidHead {
        line(name, "RFC 9112 3.2.1", "GET " + target + " HTTP/1.1") {
            ($0.target, $0.path, $0.query) = (target, path, query)
            $0.pathIsEncoded = path.contains("%")
        }
    }

    /// One more field, as the parser should report it, and its other effects.
    static func field(
        _ name: String, _ section: String, _ line: String, _ field: String,
        _ change: (inout HeadSummary) -> Void = { _ in }
    ) -> ValidHead {
        ValidHead(name, section, "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n") {
            $0.fields.append(field)
            change(&$0)
        }
    }

    /// Another value of Host.
    static func host(_ value: String) -> ValidHead {
        ValidHead("the host " + value, "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n") {
            ($0.host, $0.fields) = (value, ["Host|" + value])
        }
    }

    var testDescription: String { "\(name) (\(section))" }
}

/// Requests in all forms of RFC 9112.
enum ValidHeads {
    static let all = beginnings + otherMethods + targets + forms + hosts + fields + framing + connection

    private static let beginnings: [ValidHead] = [
        .init("the smallest request of 1.1", "RFC 9112 3", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("an empty line first", "RFC 9112 2.2", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("two empty lines first", "RFC 9112 2.2", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("the smallest request of 1.0", "RFC 9112 3.2", "GET / HTTP/1.0\r\n\r\n") {
            ($0.minorVersion, $0.keepsAlive, $0.host, $0.fields) = (0, false, "", [])
        },
        .line("a later minor version", "RFC 9110 2.5", "GET / HTTP/1.9") { $0.minorVersion = 1 },
        .line("HEAD", "RFC 9110 9.3.2", "HEAD / HTTP/1.1") { $0.method = .head },
        .line("POST", "RFC 9110 9.3.3", "POST / HTTP/1.1") { $0.method = .post },
        .line("PUT", "RFC 9110 9.3.4", "PUT / HTTP/1.1") { $0.method = .put },
        .line("DELETE", "RFC 9110 9.3.5", "DELETE / HTTP/1.1") { $0.method = .delete },
        .line("OPTIONS with a path", "RFC 9110 9.3.7", "OPTIONS / HTTP/1.1") { $0.method = .options },
        .line("TRACE", "RFC 9110 9.3.8", "TRACE / HTTP/1.1") { $0.method = .trace },
        .line("PATCH", "RFC 5789", "PATCH / HTTP/1.1") { $0.method = .patch },
    ]

    /// Methods that are not standard, which the application may have routes for.
    private static let otherMethods: [ValidHead] =
        [
            "get", "Get", "BREW", "PROPFIND", "GETT", "GE", "POSTS", "G", "VERSION-CONTROL", "!#$%&'*+-.^_`|~0aZ",
            String(repeating: "A", count: 7), String(repeating: "A", count: 8), String(repeating: "A", count: 32),
        ].map { token in
            .line("the method \(token)", "RFC 9110 9.1", token + " / HTTP/1.1") { $0.method = Method(token)! }
        }
        + [
            .init(
                "an empty line before a method that is not standard", "RFC 9112 2.2",
                "\r\nLOCK / HTTP/1.1\r\nHost: a\r\n\r\n"
            ) {
                $0.method = "LOCK"
            },
            .line(
                "an absolute target of a method that is not standard", "RFC 9112 3.2.2", "LOCK http://b/c?d\\e HTTP/1.9"
            ) {
                ($0.method, $0.form, $0.target, $0.host) = ("LOCK", .absolute, "http://b/c?d\\e", "b")
                ($0.path, $0.query) = ("/c", "d\\e")
            },
        ]

    private static let targets: [ValidHead] = [
        .target("a path", "/a/b.c", "/a/b.c"),
        .target("a path and a query", "/a?b=c", "/a", "b=c"),
        .target("an empty query", "/a?", "/a"),
        .target("two question marks", "/a?b?c", "/a", "b?c"),
        .target("two slashes first", "//a/b", "//a/b"),
        .target("dot segments", "/a/../b/.", "/a/../b/."),
        .target("escapes", "/a%20b%2Fc%e9", "/a%20b%2Fc%e9"),
        .target("an escape at the end", "/%00", "/%00"),
        .target("an escape before a query", "/%41?b", "/%41", "b"),
        .target("a bad escape in the query only", "/a?b=%zz%", "/a", "b=%zz%"),
        .target("every byte a path may have", "/-._~!$&'()*+,;=:@[]^`{|}", "/-._~!$&'()*+,;=:@[]^`{|}"),
        .target(
            "every byte a query may have", "/?-._~!$&'()*+,;=:@/?[]^`{|}%\\", "/", "-._~!$&'()*+,;=:@/?[]^`{|}%\\"),
        .target("a backslash in the query", "/?q=C:\\tmp", "/", "q=C:\\tmp"),
        .target(
            "backslashes in a long query", "/a?" + String(repeating: "a=\\&", count: 20), "/a",
            String(repeating: "a=\\&", count: 20)),
        .target("a path of 31 bytes", "/" + String(repeating: "a", count: 30), "/" + String(repeating: "a", count: 30)),
        .target(
            "a path of 300 bytes", "/" + String(repeating: "ab", count: 150),
            "/" + String(repeating: "ab", count: 150)),
        .target("a long query", "/?" + String(repeating: "a=b&", count: 60), "/", String(repeating: "a=b&", count: 60)),
    ]

    private static func absolute(_ target: String, _ host: String, _ path: String, _ query: String = "") -> ValidHead {
        .line("the target " + target, "RFC 9112 3.2.2", "GET " + target + " HTTP/1.1") {
            ($0.form, $0.target, $0.host, $0.path, $0.query) = (.absolute, target, host, path, query)
            $0.pathIsEncoded = path.contains("%")
        }
    }

    private static let forms: [ValidHead] = [
        absolute("http://b/c?d", "b", "/c", "d"),
        absolute("http://b", "b", ""),
        absolute("http://b?c", "b", "", "c"),
        absolute("HTTP://b:8080/", "b:8080", "/"),
        absolute("https://b/c%20d", "b", "/c%20d"),
        absolute("hTTps://[::1]:443/?", "[::1]:443", "/"),
        absolute("http://b/c?d=%zz", "b", "/c", "d=%zz"),
        absolute("http://b/c?d=\\e", "b", "/c", "d=\\e"),
        .line("an asterisk", "RFC 9112 3.2.4", "OPTIONS * HTTP/1.1") {
            ($0.method, $0.form, $0.target, $0.path) = (.options, .asterisk, "*", "")
        },
        .line("an authority", "RFC 9112 3.2.3", "CONNECT b:443 HTTP/1.1") {
            ($0.method, $0.form, $0.target, $0.path, $0.host) = (.connect, .authority, "b:443", "", "b:443")
        },
        .line("an IPv6 authority", "RFC 9112 3.2.3", "CONNECT [::1]:1 HTTP/1.1") {
            ($0.method, $0.form, $0.target, $0.path, $0.host) = (.connect, .authority, "[::1]:1", "", "[::1]:1")
        },
    ]

    private static let hosts: [ValidHead] =
        [
            "example.com", "example.com:80", "a:", "a:65535", "a:00080", "127.0.0.1:8080", "[::]", "[::1]:8080",
            "[1:2:3:4:5:6:7:8]", "[1::8]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[::ffff:1.2.3.4]",
            "[1:2:3:4:5:6:1.2.3.4]", "[::255.255.255.255]", "[ABCD:ef01::]", "a_b", "a%20b", "-._~!$&'()*+;=", "a,b",
            "a-very-long-host-name-that-does-not-fit-into-a-block.example.com:65535",
        ].map { .host($0) }
}
