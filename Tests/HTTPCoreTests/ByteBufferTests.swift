import HTTPCore
import TestSupport
import Testing

@Suite("A byte buffer")
struct ByteBufferTests {
    @Test("contains the appended bytes, in order")
    func appending() {
        var buffer = ByteBuffer()
        buffer.append("one ")
        buffer.append(utf8: "two ")
        buffer.append(byte: UInt8(ascii: "3"))
        withSpan(of: latin1(" four")) { buffer.append($0) }
        withSpan(of: []) { buffer.append($0) }
        #expect(buffer.text == "one two 3 four")
    }

    @Test("drained from the front keeps the rest, and uses the room again")
    func draining() {
        var buffer = ByteBuffer(capacity: 16)
        var expected: [UInt8] = []
        var random = SeededGenerator(seed: 5)
        for round in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { UInt8(truncatingIfNeeded: $0 &+ round) }
            withSpan(of: bytes) { buffer.append($0) }
            expected += bytes
            let drained = Int.random(in: 0...min(60, expected.count), using: &random)
            buffer.removeFirst(drained)
            expected.removeFirst(drained)
            if round % 97 == 0 {
                let kept = expected.count / 2
                buffer.truncate(to: kept)
                expected.removeLast(expected.count - kept)
            }
            #expect(latin1(buffer.text) == expected)
        }
        let capacity = { (buffer: borrowing ByteBuffer) in buffer.capacity }
        #expect(capacity(buffer) < 8192)
    }

    @Test("reserved room suffices, and is kept when emptied")
    func reserving() {
        let capacity = { (buffer: borrowing ByteBuffer) in buffer.capacity }
        var buffer = ByteBuffer()
        #expect(capacity(buffer) == 0)
        buffer.reserve(1000)
        let reserved = capacity(buffer)
        #expect(reserved >= 1000)
        for _ in 0..<1000 { buffer.append(byte: 0) }
        #expect(capacity(buffer) == reserved)
        buffer.removeAll()
        #expect(capacity(buffer) == reserved)
    }
}
