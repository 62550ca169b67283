import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("The chunked coding")
struct ChunkedDecoderTests {
    /// A body, its data and its accepted trailers.
    private static let valid: [(name: String, text: String, data: String, trailers: String)] = [
        ("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("no data", "0\r\n\r\n", "", ""),
        ("two chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!", ""),
        (
            "hexadecimal digits of both cases", "a\r\n0123456789\r\nB\r\nhello world\r\n0\r\n\r\n",
            "0123456789hello world", ""
        ),
        ("leading zeros", "0005\r\nhello\r\n0000000000000000\r\n\r\n", "hello", ""),
        ("16 digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("data that looks like framing", "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n\r\n", ""),
        ("an extension", "5;a\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("an extension with a value", "5;a=b\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("an extension with a quoted value", "5;a=\"b \\\" \\\\ \u{E9};\t\"\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("an empty quoted value", "5;a=\"\"\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("two extensions", "5;a;b=c\r\nhello\r\n0;d\r\n\r\n", "hello", ""),
        ("bad white space", "5 ; a\t= b ;c = \"d\"\t;e\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("a trailer", "0\r\nA: b\r\n\r\n", "", "A: b\r\n"),
        ("two trailers", "1\r\nx\r\n0\r\nA: b\r\nC:d\r\n\r\n", "x", "A: b\r\nC:d\r\n"),
        ("an empty trailer", "0\r\nA:\r\n\r\n", "", "A:\r\n"),
        ("a trailer with all bytes of a value", "0\r\nA: \t!~\u{80}\u{FF} \r\n\r\n", "", "A: \t!~\u{80}\u{FF} \r\n"),
        ("a forbidden trailer", "0\r\nContent-Length: 5\r\n\r\n", "", ""),
        ("a forbidden trailer between others", "0\r\nA: b\r\nhost: x\r\nC: d\r\n\r\n", "", "A: b\r\nC: d\r\n"),
    ]

    @Test("yields its data and trailers, however it is split", arguments: valid.indices)
    func decoding(index: Int) {
        let row = Self.valid[index]
        let bytes = latin1(row.text)
        let expected = ChunkSummary(end: .end(next: bytes.count), data: latin1(row.data), trailers: row.trailers)
        #expect(ChunkFeeding.inOnePiece(bytes) == expected, "\(row.name)")
        #expect(ChunkFeeding.disagreements(bytes) == [], "\(row.name)")
        #expect(ChunkFeeding.inOnePiece(bytes + latin1("GET /")) == expected, "\(row.name)")
    }

    @Test("is refused for the rule it violates, however it is split", arguments: HostileChunks.all)
    func refusal(row: HostileChunk) {
        #expect(ChunkFeeding.inOnePiece(row.bytes).end == .rejected(row.rejection))
        #expect(ChunkFeeding.disagreements(row.bytes) == [])
    }

    @Test("is read with unreadable memory on both sides")
    func memory() throws {
        let page = try GuardedPage()
        for bytes in Self.valid.map({ latin1($0.text) }) + HostileChunks.all.map(\.bytes) {
            for atEnd in [true, false] {
                var decoder = ChunkedDecoder()
                let end = page.withCopy(of: bytes, atEnd: atEnd) { Self.finish(&decoder, $0) }
                #expect(end == ChunkFeeding.inOnePiece(bytes).end)
            }
        }
    }

    @Test("reports the range of data, and continues after it")
    func offsets() {
        let bytes = latin1("xxx5\r\nhello\r\n0\r\n\r\nrest")
        var decoder = ChunkedDecoder()
        withSpan(of: bytes) { span in
            #expect(decoder.decode(span, from: 3) == .data(start: 6, end: 11))
            #expect(decoder.decode(span, from: 11) == .end(next: 18))
            #expect(decoder.decode(span, from: 18) == .end(next: 18))
        }
    }

    @Test("drops trailers that are not collected")
    func droppedTrailers() {
        var decoder = ChunkedDecoder()
        let end = withSpan(of: latin1("0\r\nA: b\r\n\r\n")) { decoder.decode($0, from: 0) }
        #expect(end == .end(next: 11))
    }

    @Test("may stop collecting in the middle of a trailer")
    func abandonedTrailers() {
        var decoder = ChunkedDecoder()
        var trailers = ByteBuffer()
        trailers.append("before ")
        let begun = withSpan(of: latin1("0\r\nA: b\r\nHo")) {
            decoder.decode($0, from: 0, collectingTrailersIn: &trailers)
        }
        #expect(begun == .needsMore)
        #expect(withSpan(of: latin1("st: c\r\n\r\n")) { decoder.decode($0, from: 0) } == .end(next: 9))
    }

    @Test("remains refused")
    func refusalStays() {
        var decoder = ChunkedDecoder()
        #expect(withSpan(of: latin1("x")) { decoder.decode($0, from: 0) } == .rejected(.chunkSizeMalformed))
        #expect(withSpan(of: latin1("0\r\n\r\n")) { decoder.decode($0, from: 0) } == .rejected(.chunkSizeMalformed))
    }

    @Test(
        "drops trailers that belong in the head",
        arguments: [
            "Transfer-Encoding", "TRANSFER_ENCODING", "content-length", "Content_Length", "Host", "Trailer", "TE",
            "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Upgrade", "Authorization", "Cookie",
            "Set-Cookie", "WWW-Authenticate", "Content-Type", "content-encoding", "Content-Range", "Expect", "Range",
            "If-Match", "if-none-match", "IF_RANGE", "Cache-Control", "Max-Forwards", "X-Forwarded-For", "Forwarded",
            "X-HTTP-Method-Override", "Sec-WebSocket-Key", "Access-Control-Allow-Origin", "Origin", "Date",
        ])
    func forbiddenTrailers(name: String) {
        let bytes = latin1("0\r\nA: b\r\n\(name): c\r\nE: f\r\n\r\n")
        let expected = ChunkSummary(end: .end(next: bytes.count), trailers: "A: b\r\nE: f\r\n")
        #expect(ChunkFeeding.inOnePiece(bytes) == expected)
        #expect(ChunkFeeding.disagreements(bytes) == [])
    }

    @Test(
        "keeps trailers with similar names",
        arguments: ["Hosts", "Digest", "Ifs", "ETag", "Server-Timing", "X-T"])
    func acceptedTrailers(name: String) {
        #expect(ChunkFeeding.inOnePiece(latin1("0\r\n\(name): c\r\n\r\n")).trailers == "\(name): c\r\n")
    }

    private static func finish(_ decoder: inout ChunkedDecoder, _ span: RawSpan) -> ChunkSummary.End {
        var offset = 0
        while true {
            switch decoder.decode(span, from: offset) {
            case .data(_, let end): offset = end
            case .needsMore: return .needsMore
            case .end(let next): return .end(next: next)
            case .rejected(let rejection): return .rejected(rejection)
            }
        }
    }
}
