import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("A head parser reads no byte outside of its input")
struct HeadMemoryTests {
    /// The inputs that fit into a page.
    private static let inputs = ValidHeads.all.map(\.bytes) + HostileHeadTests.rows.map(\.bytes)

    @Test("with unreadable memory after the last byte")
    func nothingBehind() throws {
        let page = try GuardedPage()
        for bytes in Self.inputs {
            let whole = Feeding.inOnePiece(bytes)
            #expect(page.withCopy(of: bytes, atEnd: true) { Self.parse($0, bytes) } == whole)
        }
    }

    @Test("with unreadable memory before the first byte")
    func nothingBefore() throws {
        let page = try GuardedPage()
        for bytes in Self.inputs {
            let whole = Feeding.inOnePiece(bytes)
            #expect(page.withCopy(of: bytes, atEnd: false) { Self.parse($0, bytes) } == whole)
        }
    }

    @Test("with unreadable memory after each byte in turn, and the bytes at another address each time")
    func nothingBehindPrefixes() throws {
        let page = try GuardedPage()
        for bytes in Self.inputs {
            var parser = RequestParser()
            var result = ParseResult.needsMore
            for end in 0...bytes.count where result == .needsMore {
                result = page.withCopy(of: Array(bytes[..<end]), atEnd: true) { parser.parse($0) }
            }
            #expect(HeadSummary(result, parser, bytes) == Feeding.inOnePiece(bytes))
        }
    }

    @Test("with unreadable memory after each byte in turn, by a new parser")
    func nothingBehindForNewParsers() throws {
        let page = try GuardedPage()
        for row in ValidHeads.all {
            for end in 0..<row.bytes.count {
                let bytes = Array(row.bytes[..<end])
                let result = page.withCopy(of: bytes, atEnd: true) { Self.parse($0, bytes).result }
                #expect(result == .needsMore)
            }
        }
    }

    private static func parse(_ span: RawSpan, _ bytes: [UInt8]) -> HeadSummary {
        var parser = RequestParser()
        let result = parser.parse(span)
        return HeadSummary(result, parser, bytes)
    }
}
