import HTTP1
import HTTPCore
import TestSupport

extension ValidHeads {
    static let fields: [ValidHead] = [
        .field("no space after the colon", "RFC 9112 5", "A:b", "A|b"),
        .field("white space around a value", "RFC 9112 5.1", "A: \t b \t ", "A|b"),
        .field("spaces after a value", "RFC 9112 5.1", "A: b  ", "A|b"),
        .field("two spaces before a value", "RFC 9112 5.1", "A:  b", "A|b"),
        .field("a tab after a value", "RFC 9112 5.1", "A: b\t", "A|b"),
        .field("a space alone", "RFC 9112 5.1", "A: ", "A|"),
        .field("white space within a value", "RFC 9110 5.5", "A: b \t c", "A|b \t c"),
        .field("an empty value", "RFC 9110 5.5", "A:", "A|"),
        .field("a value of white space", "RFC 9110 5.5", "A: \t ", "A|"),
        .field("a colon in a value", "RFC 9112 5", "A: b:c", "A|b:c"),
        .field("a second colon", "RFC 9112 5", "A::b", "A|:b"),
        .field("a tab after the colon", "RFC 9112 5.1", "A:\tb", "A|b"),
        .field("every kind of token byte", "RFC 9110 5.6.2", "!#$%&'*+-.^_`|~0aZ: b", "!#$%&'*+-.^_`|~0aZ|b"),
        .field(
            "visible bytes in a value", "RFC 9110 5.5", "A: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            "A|!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        .field("UTF-8 in a value", "RFC 9110 5.5", "A: caf\u{C3}\u{A9}", "A|caf\u{E9}"),
        .field("a name of 15 letters", "RFC 9112 5", "Accept-Encoding: b", "Accept-Encoding|b"),
        .field("a name of 16 letters", "RFC 9112 5", "Sec-Ch-Ua-Mobile: b", "Sec-Ch-Ua-Mobile|b"),
        .field("a name of 25 letters", "RFC 9112 5", "Upgrade-Insecure-Requests: 1", "Upgrade-Insecure-Requests|1"),
        .field(
            "a name of 32 letters", "RFC 9112 5", "Abcdefghijklmnopqrstuvwxyzabcdef: 1",
            "Abcdefghijklmnopqrstuvwxyzabcdef|1"),
        .field(
            "a name of 60 letters", "RFC 9112 5", String(repeating: "ab-", count: 20) + ": 1",
            String(repeating: "ab-", count: 20) + "|1"),
        .field("a digit in a name", "RFC 9112 5", "X-B3-TraceId: 1", "X-B3-TraceId|1"),
        .field("an underscore in a name", "RFC 9112 5", "x_y: 1", "x_y|1"),
        .field(
            "a value of 200 bytes", "RFC 9112 5", "A: " + String(repeating: "bc", count: 100),
            "A|" + String(repeating: "bc", count: 100)),
        .field(
            "names as long as framing fields", "RFC 9112 5", "Accept-Charset: a\r\nIf-Modified-Since: b",
            "Accept-Charset|a"
        ) { $0.fields.append("If-Modified-Since|b") },
        .field(
            "names almost like framing fields", "RFC 9112 5", "Content-Lengths: 1\r\nXransfer-Encoding: b",
            "Content-Lengths|1"
        ) { $0.fields.append("Xransfer-Encoding|b") },
        .field("100-continue", "RFC 9110 10.1.1", "Expect: 100-continue", "Expect|100-continue") {
            $0.expectsContinue = true
        },
        .field("100-continue in another case", "RFC 9110 10.1.1", "eXpect:100-Continue", "eXpect|100-Continue") {
            $0.expectsContinue = true
        },
        .field("no expectation", "RFC 9110 5.6.1", "Expect:", "Expect|"),
        .init("an expectation in 1.0", "RFC 9110 10.1.1", "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n") {
            ($0.minorVersion, $0.keepsAlive, $0.host) = (0, false, "")
            $0.fields = ["Expect|100-continue"]
        },
        .init("an unknown expectation in 1.0", "RFC 9110 10.1.1", "GET / HTTP/1.0\r\nExpect: x\r\n\r\n") {
            ($0.minorVersion, $0.keepsAlive, $0.host, $0.fields) = (0, false, "", ["Expect|x"])
        },
        .init("odd cases and tabs", "RFC 9112 5", "GET / HTTP/1.1\r\nhoSt:\texample.com\r\nempty:\r\n\r\n") {
            ($0.host, $0.fields) = ("example.com", ["hoSt|example.com", "empty|"])
        },
        .init("Host after other fields", "RFC 9110 7.2", "GET / HTTP/1.1\r\nA: b\r\nHOST: a\r\n\r\n") {
            $0.fields = ["A|b", "HOST|a"]
        },
    ]

    static let framing: [ValidHead] = [
        .field("a length", "RFC 9112 6.2", "Content-Length: 5", "Content-Length|5") { $0.framing = .length(5) },
        .field("a length of 0", "RFC 9112 6.2", "Content-Length: 0", "Content-Length|0"),
        .field("zeros before a length", "RFC 9110 8.6", "Content-Length: 0005", "Content-Length|0005") {
            $0.framing = .length(5)
        },
        .field("white space around a length", "RFC 9112 5.1", "Content-Length:\t 5 ", "Content-Length|5") {
            $0.framing = .length(5)
        },
        .field(
            "the largest length", "RFC 9110 8.6", "content-length: 9223372036854775807",
            "content-length|9223372036854775807"
        ) { $0.framing = .length(.max) },
        .field(
            "many zeros before the largest length", "RFC 9110 8.6",
            "Content-Length: 00000000000009223372036854775807", "Content-Length|00000000000009223372036854775807"
        ) {
            $0.framing = .length(.max)
        },
        .field("chunked", "RFC 9112 7.1", "Transfer-Encoding: chunked", "Transfer-Encoding|chunked") {
            $0.framing = .chunked
        },
        .field("chunked in another case", "RFC 9112 7", "TransFer-Encoding:CHUNKed", "TransFer-Encoding|CHUNKed") {
            $0.framing = .chunked
        },
        .init("a length in 1.0", "RFC 9112 6.2", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n") {
            ($0.method, $0.minorVersion, $0.keepsAlive, $0.host) = (.post, 0, false, "")
            ($0.framing, $0.fields) = (.length(5), ["Content-Length|5"])
        },
    ]

    private static func connection(_ value: String, keepsAlive: Bool) -> ValidHead {
        .field("Connection: " + value, "RFC 9112 9.3", "Connection: " + value, "Connection|" + value) {
            $0.keepsAlive = keepsAlive
        }
    }

    private static func oldConnection(_ value: String, keepsAlive: Bool) -> ValidHead {
        .init(
            "Connection: " + value + " in 1.0", "RFC 9112 9.3",
            "GET / HTTP/1.0\r\nConnection: " + value + "\r\n\r\n"
        ) {
            ($0.minorVersion, $0.keepsAlive, $0.host, $0.fields) = (0, keepsAlive, "", ["Connection|" + value])
        }
    }

    static let connection: [ValidHead] = [
        connection("close", keepsAlive: false),
        connection("CLOSE", keepsAlive: false),
        connection("keep-alive", keepsAlive: true),
        connection("keep-alive, close", keepsAlive: false),
        connection("upgrade , Close ,", keepsAlive: false),
        connection(",,close", keepsAlive: false),
        connection("closed", keepsAlive: true),
        connection("not close", keepsAlive: true),
        connection("Upgrade", keepsAlive: true),
        oldConnection("keep-alive", keepsAlive: true),
        oldConnection("Keep-Alive, x", keepsAlive: true),
        oldConnection("close", keepsAlive: false),
        oldConnection("keep-alive, close", keepsAlive: false),
        oldConnection("keep-alives", keepsAlive: false),
        .field("close in a second line", "RFC 9112 9.3", "Connection: a\r\nConnection: close", "Connection|a") {
            $0.fields.append("Connection|close")
            $0.keepsAlive = false
        },
    ]
}
