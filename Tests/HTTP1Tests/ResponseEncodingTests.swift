import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("Encoding of responses")
struct ResponseEncodingTests {
    private static let date = DateField(unixSeconds: 784_111_777)
    private let dateLine = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    /// The bytes that `write` appends to a buffer that is not empty.
    private func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        buffer.append("before ")
        write(&buffer)
        let text = buffer.text
        #expect(text.hasPrefix("before "))
        return String(text.unicodeScalars.dropFirst("before ".utf8.count))
    }

    @Test(
        "A status line has the registered reason phrase, or none after the space",
        arguments: [
            (200, "HTTP/1.1 200 OK\r\n"), (100, "HTTP/1.1 100 Continue\r\n"),
            (101, "HTTP/1.1 101 Switching Protocols\r\n"),
            (204, "HTTP/1.1 204 No Content\r\n"), (304, "HTTP/1.1 304 Not Modified\r\n"),
            (404, "HTTP/1.1 404 Not Found\r\n"), (413, "HTTP/1.1 413 Content Too Large\r\n"),
            (422, "HTTP/1.1 422 Unprocessable Content\r\n"), (431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"),
            (511, "HTTP/1.1 511 Network Authentication Required\r\n"),
            (505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"),
            (299, "HTTP/1.1 299 \r\n"), (418, "HTTP/1.1 418 \r\n"), (499, "HTTP/1.1 499 \r\n"),
            (599, "HTTP/1.1 599 \r\n"),
            (103, "HTTP/1.1 103 Early Hints\r\n"), (226, "HTTP/1.1 226 IM Used\r\n"), (999, "HTTP/1.1 999 \r\n"),
        ] as [(UInt16, String)])
    func statusLine(code: UInt16, line: String) {
        #expect(written { $0.appendStatusLine(code) } == line)
    }

    @Test("Every code of three digits has a status line of RFC 9112 section 4")
    func everyStatusLine() {
        for code in 100...999 as ClosedRange<UInt16> {
            let line = written { $0.appendStatusLine(code) }
            #expect(line.hasPrefix("HTTP/1.1 \(code) "))
            #expect(line.hasSuffix("\r\n"))
            #expect(line.unicodeScalars.dropLast(2).allSatisfy { (0x20...0x7E).contains($0.value) })
        }
    }

    @Test("The usual head has status, date, type and length, and ends")
    func usualHead() {
        let head = written {
            $0.appendHead(
                status: 200, date: Self.date, contentType: "text/plain", contentLength: 13, connection: .keepAlive)
        }
        #expect(
            head == "HTTP/1.1 200 OK\r\n" + dateLine + "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n")
    }

    @Test("A head contains only the given fields, and the persistence of the connection")
    func otherHeads() {
        let bare = written {
            $0.appendHead(status: 204, date: Self.date, contentType: nil, contentLength: nil, connection: .close)
        }
        #expect(bare == "HTTP/1.1 204 No Content\r\n" + dateLine + "Connection: close\r\n\r\n")
        let old = written {
            $0.appendHead(
                status: 200, date: Self.date, contentType: nil, contentLength: 0, connection: .http10KeepAlive)
        }
        #expect(old == "HTTP/1.1 200 OK\r\n" + dateLine + "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n")
        let unregistered = written {
            $0.appendHead(status: 299, date: Self.date, contentType: "a/b", contentLength: nil, connection: .keepAlive)
        }
        #expect(unregistered == "HTTP/1.1 299 \r\n" + dateLine + "Content-Type: a/b\r\n\r\n")
    }

    @Test("An incomplete head takes more fields")
    func openHead() {
        let head = written {
            $0.appendHead(
                status: 404, date: Self.date, contentType: nil, contentLength: 1, connection: .close, isComplete: false)
            $0.appendField("Vary", "Accept")
            let isValid = $0.appendField(name: "X-Name", value: "caf\u{E9}")
            #expect(isValid)
            $0.appendHeadEnd()
        }
        #expect(
            head == "HTTP/1.1 404 Not Found\r\n" + dateLine + "Content-Length: 1\r\nConnection: close\r\n"
                + "Vary: Accept\r\nX-Name: caf\u{C3}\u{A9}\r\n\r\n")
    }

    @Test("Lengths are written in full", arguments: [0, 1, 9, 10, 99, 100, 65_535, 1_000_000_007, Int.max])
    func lengths(length: Int) {
        #expect(written { $0.append(decimal: length) } == "\(length)")
        let head = written {
            $0.appendHead(
                status: 200, date: Self.date, contentType: nil, contentLength: length, connection: .keepAlive)
        }
        #expect(head.hasSuffix("\r\nContent-Length: \(length)\r\n\r\n"))
    }

    @Test("The decoder accepts the chunks", arguments: [1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096, 70_000])
    func chunks(size: Int) {
        let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let body = written { (buffer: inout ByteBuffer) in
            for bytes in [data, []] { withSpan(of: bytes) { buffer.appendChunk($0) } }
            buffer.append("0\r\n\r\n")
        }
        #expect(body.hasPrefix(String(size, radix: 16) + "\r\n"))
        #expect(body.hasSuffix("\r\n0\r\n\r\n"))
        let decoded = ChunkFeeding.inOnePiece(latin1(body))
        #expect(decoded == ChunkSummary(end: .end(next: latin1(body).count), data: data, trailers: ""))
    }

    @Test(
        "No field can split a response",
        arguments: [
            ("A", "b\r\nSet-Cookie: c"), ("A", "b\nc"), ("A", "b\rc"), ("A", "\0"), ("A", "b\u{7F}"), ("A", " b"),
            ("A", "b\t"),
            ("A: b\r\nC", "d"), ("A ", "b"), ("A:", "b"), ("", "b"), ("A\0", "b"), ("A(", "b"), ("\u{E9}", "b"),
            ("A B", "c"),
            ("A", "b\r"), ("A", "\nb"),
        ])
    func splitting(name: String, value: String) {
        #expect(field(name, value) == nil)
    }

    @Test("A field can be empty, and can contain tabs and bytes above 0x7F")
    func unusualFields() {
        #expect(field("A", "") == "A: \r\n")
        #expect(field("a!#$%&'*+-.^_`|~9", "b\tc") == "a!#$%&'*+-.^_`|~9: b\tc\r\n")
    }

    /// The line for a field, or nil if it is refused; nothing must be written then.
    private func field(_ name: String, _ value: String) -> String? {
        var isValid = false
        let line = written { isValid = $0.appendField(name: name, value: value) }
        #expect(isValid || line == "")
        return isValid ? line : nil
    }
}
