import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("The table of fields")
struct FieldTableTests {
    @Test("is a collection of the field lines in order")
    func collection() {
        var parser = RequestParser()
        let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD e: f\r\n\r\n".replacing("D e", with: "D"))
        #expect(withSpan(of: bytes) { parser.parse($0) } == .complete)
        let fields = parser.head.fields
        #expect(fields.count == 3)
        #expect(fields.first?.name == ByteRange(start: 16, end: 20))
        #expect(fields[1] == FieldRange(name: ByteRange(start: 25, end: 26), value: ByteRange(start: 28, end: 29)))
        #expect(fields.map(\.value.count) == [1, 1, 1])
        #expect(fields.last?.value.upperBound == bytes.count - 4)
    }

    @Test("is a copy that does not change with the next head")
    func copies() {
        var parser = RequestParser()
        let first = latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let second = latin1("GET / HTTP/1.1\r\nLonger: b\r\nHost: a\r\n\r\n")
        #expect(withSpan(of: first) { parser.parse($0) } == .complete)
        let kept = parser.head
        parser.reset()
        #expect(withSpan(of: second) { parser.parse($0) } == .complete)
        #expect(kept.fields.map(\.name.count) == [4])
        #expect(parser.head.fields.map(\.name.count) == [6, 4])
    }

    @Test("is empty after a reset")
    func reset() {
        var parser = RequestParser()
        #expect(withSpan(of: latin1("GET / HTTP/1.1\r\nHost: a\r\nB")) { parser.parse($0) } == .needsMore)
        let count = { (parser: borrowing RequestParser) in parser.head.fields.count }
        #expect(count(parser) == 1)
        parser.reset()
        #expect(count(parser) == 0)
    }
}
