import Glibc

// Bytes that are shared instead of copied.
extension ByteBuffer {
    /// From this many bytes on, what is only to be sent is better attached than appended: copying it would fault fresh
    /// pages in and push the sockets' own copies out of the cache.
    package static var attachmentByteCount: Int { 64 * 1024 }

    /// Has `bytes` follow what the buffer holds, without a copy: they are kept until they are drained. What is appended
    /// behind them costs the copy after all.
    package mutating func attach(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        guard attachment == nil, !isEmpty else { return unsafe append(bytes.span.bytes) }
        attachment = bytes
        // Full, so that the next append grows the buffer, which takes the attachment in.
        capacity = end
    }

    /// Whether more follows the bytes that `count` speaks of.
    @inlinable package var hasAttachment: Bool { attachment != nil && capacity > 0 }

    /// Bytes of memory that the buffer keeps, its own and shared.
    package var heldByteCount: Int { capacity + (attachment?.count ?? 0) }

    /// Appends what `other` holds, and empties it.
    package mutating func append(draining other: inout ByteBuffer) {
        other.withBytes { append($0) }
        if other.hasAttachment, let bytes = other.attachment { attach(bytes) }
        other.removeAll()
    }

    /// All before the attachment is drained, or all of it is.
    @usableFromInline mutating func advanceToAttachment() {
        guard capacity > 0, let bytes = attachment else { return removeAll() }
        unsafe free(base)
        // A native array's elements stand in one object, in place for as long as somebody holds it, and nobody changes
        // them while it is held here too. They are only read: with a capacity of 0 every append moves away first.
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: bytes.withUnsafeBytes { $0.baseAddress })
        capacity = 0
        start = 0
        end = bytes.count
    }

    /// Lets go of the attachment, and of `base` if it points into it.
    @usableFromInline mutating func detach() {
        attachment = nil
        if capacity == 0 { unsafe base = nil }
    }
}
