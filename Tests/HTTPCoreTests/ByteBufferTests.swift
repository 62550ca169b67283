import HTTPCore
import TestSupport
import Testing

@Suite("A byte buffer")
struct ByteBufferTests {
    @Test("holds what was appended, in order")
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

    @Test("reserved room is enough, and is not given up when emptied")
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

    @Test("shows what is attached once all before it is drained, and shares it")
    func attaching() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        var buffer = ByteBuffer()
        buffer.append("head")
        buffer.attach(bytes)
        #expect(state(buffer) == State(text: "head", hasAttachment: true))
        buffer.removeFirst(4)
        let isShared = unsafe buffer.unsafeBytes.baseAddress == bytes.withUnsafeBytes { $0.baseAddress }
        #expect(isShared)
        #expect(!state(buffer).hasAttachment)
        buffer.removeFirst(10)
        #expect(latin1(buffer.text) == Array(bytes[10...]))
        buffer.removeFirst(990)
        #expect(state(buffer) == State(text: "", hasAttachment: false))
        buffer.append("again")
        #expect(buffer.text == "again")
    }

    @Test("copies what is attached when more is appended, in order, whatever was drained", arguments: [0, 2, 4, 5, 7])
    func appendingBehindAttachment(drained: Int) {
        var buffer = ByteBuffer()
        buffer.append("head")
        buffer.attach(latin1("body"))
        buffer.removeFirst(min(drained, 4))
        buffer.removeFirst(max(drained - 4, 0))
        buffer.append("more")
        #expect(state(buffer) == State(text: String("headbodymore".dropFirst(drained)), hasAttachment: false))
    }

    @Test("attaches one thing at a time, and copies the next")
    func attachingTwice() {
        var buffer = ByteBuffer()
        buffer.attach(latin1("first "))
        buffer.attach(latin1("second "))
        buffer.attach(latin1("third"))
        buffer.attach([])
        buffer.removeFirst(6)
        #expect(buffer.text == "second third")
    }

    @Test("takes another's bytes over, attached ones too")
    func appendingBuffer() {
        var other = ByteBuffer()
        other.append("two ")
        other.attach(latin1("three"))
        var buffer = ByteBuffer()
        buffer.append("one ")
        buffer.append(draining: &other)
        #expect(state(other) == State(text: "", hasAttachment: false))
        #expect(state(buffer) == State(text: "one two ", hasAttachment: true))
        buffer.removeFirst(8)
        #expect(buffer.text == "three")
    }

    @Test("emptied lets go of what is attached")
    func emptyingAttachment() {
        for drained in [0, 4, 6] {
            var buffer = ByteBuffer()
            buffer.append("head")
            buffer.attach(latin1("body"))
            buffer.removeFirst(min(drained, 4))
            buffer.removeFirst(max(drained - 4, 0))
            buffer.removeAll()
            #expect(state(buffer) == State(text: "", hasAttachment: false))
            buffer.append("new")
            #expect(buffer.text == "new")
        }
    }

    private struct State: Equatable {
        let text: String
        let hasAttachment: Bool
    }

    private func state(_ buffer: borrowing ByteBuffer) -> State {
        State(text: buffer.text, hasAttachment: buffer.hasAttachment)
    }
}
