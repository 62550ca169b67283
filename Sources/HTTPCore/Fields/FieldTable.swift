/// The field lines of a head, in the order received.
///
/// A collection of ranges that keeps its memory: emptying it costs nothing, and refilling it allocates nothing until
/// there are more lines than ever before.
@usableFromInline
package struct FieldTable: Sendable {
    /// The field lines, followed by unused elements.
    @usableFromInline var lines: [FieldRange] = []
    @usableFromInline var lineCount = 0

    /// The number of lines that the first allocation has room for: more than most heads have.
    private static var initialCapacity: Int { 16 }

    package init() {}

    /// Adds one field line.
    @inlinable
    package mutating func append(_ line: FieldRange) {
        if lineCount == lines.count { grow() }
        lines[lineCount] = line
        lineCount &+= 1
    }

    /// Calls `body` with room for at least one and at most `maximum` lines, which must be positive; `body` returns
    /// how many of them it wrote.
    @inlinable @inline(__always)
    package mutating func append(maximum: Int, _ body: (UnsafeMutableBufferPointer<FieldRange>) -> Int) {
        if lineCount == lines.count { grow() }
        let start = lineCount
        let room = Swift.min(lines.count &- start, maximum)
        let added = unsafe lines.withUnsafeMutableBufferPointer { buffer in
            // In bounds: `start` and `room` lie within the array, and the buffer is not empty after growing.
            unsafe body(UnsafeMutableBufferPointer(start: buffer.baseAddress.unsafelyUnwrapped + start, count: room))
        }
        precondition(added >= 0 && added <= room, "more lines written than there was room for")
        lineCount &+= added
    }

    /// Removes the lines and keeps the memory.
    @inlinable @inline(__always)
    package mutating func removeAll() { lineCount = 0 }

    @usableFromInline @inline(never)
    mutating func grow() {
        let blank = FieldRange(name: ByteRange(), value: ByteRange())
        lines.append(contentsOf: repeatElement(blank, count: Swift.max(Self.initialCapacity, lines.count)))
    }
}

extension FieldTable: RandomAccessCollection {
    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { lineCount }

    @inlinable package subscript(position: Int) -> FieldRange {
        precondition(position >= 0 && position < lineCount, "no such field line")
        return lines[position]
    }
}
