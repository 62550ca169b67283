import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("A valid request head")
struct ValidHeadTests {
    @Test("is parsed, however it is split", arguments: ValidHeads.all)
    func understanding(row: ValidHead) {
        #expect(Feeding.inOnePiece(row.bytes) == row.expected)
        #expect(Feeding.disagreements(row.bytes) == [])
    }

    @Test("has the same end, whatever follows", arguments: ValidHeads.all)
    func nothingBehindCounts(row: ValidHead) {
        for more in ["\r\n\r\n", "GET / HTTP/1.1\r\n", "\0\0\0\0", String(repeating: "x: y\r\n", count: 20)] {
            #expect(Feeding.inOnePiece(row.bytes + latin1(more)) == row.expected)
        }
    }

    @Test("is not complete a byte earlier", arguments: ValidHeads.all)
    func everyByteIsNeeded(row: ValidHead) {
        var parser = RequestParser()
        for end in 0..<row.bytes.count {
            #expect(withSpan(of: Array(row.bytes[..<end])) { parser.parse($0) } == .needsMore)
        }
    }

    @Test("does not affect the next one")
    func reuse() {
        var parser = RequestParser()
        for row in ValidHeads.all + ValidHeads.all.reversed() {
            parser.reset()
            #expect(Feeding.inPieces(row.bytes, endingAt: [row.bytes.count], &parser) == row.expected)
        }
    }

    @Test("is reported again by another call")
    func resultStays() {
        var parser = RequestParser()
        let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<3 { #expect(withSpan(of: bytes) { parser.parse($0) } == .complete) }
    }
}
