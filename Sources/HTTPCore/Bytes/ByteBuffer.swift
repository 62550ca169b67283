import Glibc

/// A growable byte buffer that one owner appends to and drains from the front.
///
/// It owns memory from `malloc`, which it frees when it is destroyed. A buffer with capacity 0 owns no memory, so an
/// idle connection costs none. It can be passed to another thread only as a whole, by consuming it.
@safe
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the pointer is owned by this value alone, and a non-copyable value has one owner.
    @usableFromInline var base: UnsafeMutableRawPointer?
    @usableFromInline var start: Int
    @usableFromInline var end: Int

    /// The size of the allocation in bytes.
    @usableFromInline package internal(set) var capacity = 0

    /// Creates an empty buffer without memory.
    @inlinable package init() {
        unsafe base = nil
        start = 0
        end = 0
    }

    /// Creates a buffer; a `capacity` of 0 allocates nothing.
    package init(capacity: Int) {
        unsafe base = capacity > 0 ? unsafe malloc(capacity) : nil
        start = 0
        end = 0
        self.capacity = capacity
    }

    deinit {
        if capacity > 0 { unsafe free(base) }
    }

    /// The number of bytes that were appended and not yet drained.
    @inlinable package var count: Int { end &- start }
    @inlinable package var isEmpty: Bool { end == start }

    /// Removes all bytes and keeps the memory.
    @inlinable package mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Removes the first `count` bytes. The buffer must hold as many.
    @inlinable package mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "more bytes drained than the buffer holds")
        start &+= count
        if start == end { removeAll() }
    }

    /// Removes everything after the first `count` bytes. The buffer must hold as many.
    @inlinable package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "a buffer cannot be truncated to more than it holds")
        end = start &+ count
    }

    /// Makes room for `additional` bytes, so that appends of no more than that many never allocate.
    @inlinable package mutating func reserve(_ additional: Int) {
        if additional > capacity &- end { grow(additional) }
    }

    /// Calls `body` with room for `maximum` bytes; `body` returns how many of them it wrote.
    @inlinable package mutating func append(
        maximum: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        reserve(maximum)
        guard maximum > 0, let base = unsafe base else { return }
        // In bounds: `reserve` left at least `maximum` bytes after `end`.
        let written = unsafe body(UnsafeMutableRawBufferPointer(start: base + end, count: maximum))
        precondition(written >= 0 && written <= maximum, "more bytes written than there was room for")
        end &+= written
    }

    /// Appends a copy of `bytes`.
    @inlinable package mutating func append(_ bytes: RawSpan) {
        let count = bytes.byteCount
        guard count > 0 else { return }
        reserve(count)
        // In bounds: `reserve` left `count` bytes after `end`; the source is alive while the span is.
        unsafe bytes.withUnsafeBytes { source in
            unsafe (base! + end).copyMemory(from: source.baseAddress!, byteCount: count)
        }
        end &+= count
    }

    /// Appends a copy of `bytes`, which must be valid for the call only.
    @unsafe @inlinable package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        unsafe append(RawSpan(_unsafeBytes: bytes))
    }

    /// Appends the bytes of a literal.
    @inlinable package mutating func append(_ literal: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the UTF-8 of `string`.
    @inlinable package mutating func append(utf8 string: String) {
        // The UTF-8 of a String has no padding.
        unsafe append(string.utf8.span.bytes)
    }

    /// Appends one byte.
    @inlinable package mutating func append(byte: UInt8) {
        reserve(1)
        unsafe base!.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end &+= 1
    }

    /// Calls `body` with the bytes. The compiler ensures that the span does not outlive the call.
    @inlinable package borrowing func withBytes<Result: ~Copyable>(_ body: (RawSpan) throws -> Result) rethrows
        -> Result
    {
        try unsafe body(RawSpan(_unsafeBytes: unsafeBytes))
    }

    /// The bytes, valid until the next mutation. For system calls and for slices that outlive one call.
    @unsafe @inlinable package var unsafeBytes: UnsafeRawBufferPointer {
        guard let base = unsafe base else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeRawBufferPointer(start: base + start, count: count)
    }

    /// Moves the contents to the front if that makes enough room; otherwise doubles the allocation.
    @usableFromInline mutating func grow(_ additional: Int) {
        let count = self.count
        if start > 0, capacity - count >= additional, start >= count {
            // The halves do not overlap because `start >= count`.
            unsafe base!.copyMemory(from: base! + start, byteCount: count)
        } else {
            let needed = max(count + additional, capacity * 2, 512)
            unsafe base = reallocated(needed)
            capacity = needed
        }
        start = 0
        end = count
    }

    /// Replaces the memory by an allocation of `needed` bytes that begins with the contents.
    private func reallocated(_ needed: Int) -> UnsafeMutableRawPointer {
        // If the contents are at the front, the allocator can often extend the memory without moving them.
        guard let larger = unsafe start > 0 ? malloc(needed) : realloc(base, needed) else {
            fatalError("out of memory: \(needed) bytes")
        }
        guard start > 0 else { return unsafe larger }
        unsafe larger.copyMemory(from: base! + start, byteCount: count)
        unsafe free(base)
        return unsafe larger
    }
}
