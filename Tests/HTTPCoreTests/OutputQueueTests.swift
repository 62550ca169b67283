import HTTPCore
import TestSupport
import Testing

@Suite("An output queue")
struct OutputQueueTests {
    /// The bytes of each segment, in order.
    private static func segments(_ queue: inout OutputQueue) -> [String] {
        var texts: [String] = []
        while !queue.isEmpty {
            var segment = OutputSegment()
            queue.takeFirst(into: &segment)
            // A copy.
            unsafe texts.append(String(decoding: segment.unsafeBytes, as: UTF8.self))
        }
        return texts
    }

    @Test("is one segment of the appended bytes")
    func appending() {
        var queue = OutputQueue()
        #expect(queue.byteCount == 0)
        queue.last.append("one ")
        queue.last.append("two")
        #expect(queue.byteCount == 7)
        #expect(Self.segments(&queue) == ["one two"])
        #expect(queue.byteCount == 0)
    }

    @Test("shares bytes without a copy, in order with appended bytes, and counts all of them")
    func sharing() {
        let bytes = (0..<1000).map { _ in UInt8(ascii: "x") }
        var queue = OutputQueue()
        queue.last.append("head ")
        queue.append(shared: bytes)
        queue.append(shared: [])
        queue.last.append("after ")
        queue.last.append("it")
        queue.append(shared: latin1("end"))
        #expect(queue.byteCount == 5 + 1000 + 8 + 3)
        var segment = OutputSegment()
        queue.takeFirst(into: &segment)
        #expect(segment.count == 5 && queue.byteCount == 1011)
        segment.removeFirst(5)
        queue.takeFirst(into: &segment)
        #expect(segment.count == 1000 && queue.byteCount == 11)
        let isShared = unsafe segment.unsafeBytes.baseAddress == bytes.withUnsafeBytes { $0.baseAddress }
        #expect(isShared)
        #expect(Self.segments(&queue) == ["after it", "end"])
    }

    @Test("returns shared bytes that were not sent yet", arguments: [0, 1, 999, 1000])
    func sending(count: Int) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        var queue = OutputQueue()
        queue.append(shared: bytes)
        var segment = OutputSegment()
        queue.takeFirst(into: &segment)
        segment.removeFirst(count)
        #expect(segment.count == 1000 - count && segment.isEmpty == (count == 1000))
        let rest = unsafe Array(segment.unsafeBytes)
        #expect(rest == Array(bytes[count...]))
    }

    @Test("takes another's segments, and empties it", arguments: ["", "one "])
    func draining(before: String) {
        var other = OutputQueue()
        other.last.append("two ")
        other.append(shared: latin1("three"))
        other.last.append("four")
        var queue = OutputQueue()
        queue.last.append(utf8: before)
        queue.append(draining: &other)
        #expect(other.isEmpty && other.heldByteCount == 0)
        #expect(queue.byteCount == before.utf8.count + 13)
        #expect(Self.segments(&queue) == [before + "two ", "three", "four"])
    }

    @Test("appends another's bytes after shared ones, in order")
    func drainingAfterShared() {
        var other = OutputQueue()
        other.last.append("two")
        var queue = OutputQueue()
        queue.append(shared: latin1("one"))
        queue.append(draining: &other)
        var buffer = ByteBuffer()
        buffer.append(" three")
        queue.append(draining: &buffer)
        #expect(Self.segments(&queue) == ["one", "two three"])
    }

    @Test("takes a buffer's memory instead of copying, when it is empty")
    func drainingBuffer() {
        var buffer = ByteBuffer(capacity: 5000)
        buffer.append("bytes")
        var queue = OutputQueue()
        queue.append(draining: &buffer)
        let left = buffer.capacity
        #expect(left == 0 && queue.heldByteCount == 5000)
        #expect(Self.segments(&queue) == ["bytes"])
    }

    @Test("releases all segments but the memory of the last when emptied")
    func emptying() {
        var queue = OutputQueue(ByteBuffer(capacity: 100))
        queue.last.append("head")
        queue.append(shared: latin1("body"))
        queue.removeAll()
        #expect(queue.isEmpty && queue.heldByteCount == 0)
        queue.last.append("new")
        #expect(Self.segments(&queue) == ["new"])
    }

    @Test("exchanges memory with a segment, and gets it back after the send")
    func recycling() {
        var queue = OutputQueue(ByteBuffer(capacity: 100))
        queue.last.append("head")
        queue.append(shared: latin1("body"))
        var segment = OutputSegment()
        queue.takeFirst(into: &segment)
        segment.removeFirst(4)
        queue.takeFirst(into: &segment)
        segment.removeFirst(4)
        #expect(segment.isEmpty && segment.heldByteCount == 100)
        var capacity = 0
        segment.recycle { capacity = $0.capacity }
        #expect(capacity == 100)
    }
}
