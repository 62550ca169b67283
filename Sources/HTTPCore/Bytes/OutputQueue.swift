/// The bytes to be sent, in order, as segments: of appended bytes, or of bytes that are shared instead of copied.
public struct OutputQueue: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the objects in `others` belong to this queue alone, and a noncopyable value has one owner.

    /// The segments before `last`.
    private enum Segment {
        case bytes(Appended)
        case shared([UInt8])
    }

    /// Bytes before a shared segment. An object, since an array can't hold a buffer.
    private final class Appended {
        var buffer = ByteBuffer()
    }

    /// The last segment, to which bytes are appended. Most responses need no other.
    public var last = ByteBuffer()
    private var others: [Segment] = []
    @usableFromInline var othersByteCount = 0

    /// The size from which bytes are better shared than copied: copying would fault in fresh pages and evict the socket
    /// buffers from the cache.
    public static var sharedByteCount: Int { 64 * 1024 }

    /// Creates a queue without bytes; allocates nothing.
    @inlinable public init() {}

    /// Creates a queue of the bytes in `buffer`.
    @inlinable public init(_ buffer: consuming ByteBuffer) { last = buffer }

    /// The number of bytes in all segments.
    @inlinable public var byteCount: Int { last.count &+ othersByteCount }

    /// Whether the queue has no bytes.
    @inlinable public var isEmpty: Bool { last.isEmpty && othersByteCount == 0 }

    /// The size of the memory that the queue keeps, its own and shared.
    public var heldByteCount: Int { last.capacity + othersByteCount }

    /// Appends `bytes` without a copy: they are kept until they are sent.
    public mutating func append(shared bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        if !last.isEmpty {
            let appended = Appended()
            swap(&appended.buffer, &last)
            others.append(.bytes(appended))
            othersByteCount += appended.buffer.count
        }
        others.append(.shared(bytes))
        othersByteCount += bytes.count
    }

    /// Appends the segments of `other`, and empties it.
    public mutating func append(draining other: inout OutputQueue) {
        if isEmpty { return swap(&self, &other) }
        for segment in other.others {
            switch segment {
            case .bytes(let appended): append(draining: &appended.buffer)
            case .shared(let bytes): append(shared: bytes)
            }
        }
        append(draining: &other.last)
        other.removeAll()
    }

    /// Appends the bytes of `buffer`, and empties it.
    public mutating func append(draining buffer: inout ByteBuffer) {
        if last.isEmpty { return swap(&last, &buffer) }
        buffer.withBytes { last.append($0) }
        buffer.removeAll()
    }

    /// Moves the first segment into `segment`, which is empty and whose memory the queue reuses.
    @inlinable public mutating func takeFirst(into segment: inout OutputSegment) {
        if othersByteCount == 0 { swap(&last, &segment.buffer) } else { takeFirstOfOthers(into: &segment) }
    }

    @usableFromInline mutating func takeFirstOfOthers(into segment: inout OutputSegment) {
        switch others.removeFirst() {
        case .bytes(let appended): swap(&appended.buffer, &segment.buffer)
        case .shared(let bytes): segment.share(bytes)
        }
        othersByteCount -= segment.count
    }

    /// Removes all bytes and keeps the memory of the last segment.
    @inlinable public mutating func removeAll() {
        last.removeAll()
        if othersByteCount > 0 { removeOthers() }
    }

    @usableFromInline mutating func removeOthers() {
        others = []
        othersByteCount = 0
    }
}

/// A segment that is being sent.
@safe
public struct OutputSegment: ~Copyable {
    /// Empty if the segment is shared.
    @usableFromInline var buffer = ByteBuffer()
    @usableFromInline var shared: [UInt8] = []
    /// The number of shared bytes that were not sent yet.
    @usableFromInline var sharedCount = 0

    /// Creates a segment without bytes; allocates nothing.
    @inlinable public init() {}

    /// The number of bytes that were not sent yet.
    @inlinable public var count: Int { buffer.count &+ sharedCount }

    /// Whether all bytes were sent.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The size of the memory that the segment keeps.
    public var heldByteCount: Int { buffer.capacity + shared.count }

    /// The bytes that were not sent yet, valid until the next mutation.
    @unsafe @inlinable public var unsafeBytes: UnsafeRawBufferPointer {
        @inline(__always) get {
            guard sharedCount > 0 else { return unsafe buffer.unsafeBytes }
            // The elements of a native array are in one object, which stays in place while it is retained; nobody
            // changes them while it is retained here too.
            return unsafe shared.withUnsafeBytes { unsafe UnsafeRawBufferPointer(rebasing: $0.suffix(sharedCount)) }
        }
    }

    /// Removes the first `count` bytes, which were sent. The segment must hold as many.
    @inline(__always)
    @inlinable public mutating func removeFirst(_ count: Int) {
        if sharedCount == 0 { buffer.removeFirst(count) } else { removeFirstShared(count) }
    }

    /// Moves the memory of the buffer, whose bytes were sent, into the argument, and releases shared bytes.
    @inline(__always)
    @inlinable public mutating func recycle(_ collect: (inout ByteBuffer) -> Void) {
        if sharedCount > 0 { removeFirstShared(sharedCount) }
        collect(&buffer)
    }

    @usableFromInline mutating func share(_ bytes: [UInt8]) {
        shared = bytes
        sharedCount = bytes.count
    }

    @usableFromInline mutating func removeFirstShared(_ count: Int) {
        precondition(count >= 0 && count <= sharedCount, "more bytes drained than the segment holds")
        sharedCount &-= count
        if sharedCount == 0 { shared = [] }
    }
}
