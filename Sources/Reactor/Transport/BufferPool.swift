import HTTPCore

/// Send buffers between two uses, so that the way to an answer allocates nothing once a reactor is warm.
///
/// Buffers are lent to connections that have something to send and come back when it is sent: an idle connection
/// holds none. At most `maximumCount` are kept, none larger than `maximumCapacity`, which bounds what is held.
@safe
struct BufferPool: ~Copyable {
    private static let maximumCount = 1024
    private static let maximumCapacity = 16 * 1024
    private static let initialCapacity = 2 * 1024

    // Owned: holds `maximumCount` buffers, of which those from `count` on are empty and without memory; deinitialised
    // in `deinit`.
    private let spares: UnsafeMutablePointer<ByteBuffer>
    private var count = 0

    init() {
        unsafe spares = .allocate(capacity: BufferPool.maximumCount)
        for index in 0..<BufferPool.maximumCount { unsafe (spares + index).initialize(to: ByteBuffer()) }
    }

    deinit {
        unsafe spares.deinitialize(count: BufferPool.maximumCount)
        unsafe spares.deallocate()
    }

    /// Gives an empty buffer without memory some room.
    mutating func lend(to buffer: inout ByteBuffer) {
        guard count > 0 else { return buffer.reserve(BufferPool.initialCapacity) }
        count -= 1
        // In range: there were more. They change places, which ends the life of neither.
        unsafe swap(&buffer, &spares[count])
    }

    /// Takes a buffer's memory, for later if it is not too large and there is not enough.
    mutating func takeBack(_ buffer: inout ByteBuffer) {
        guard buffer.capacity > 0, buffer.capacity <= BufferPool.maximumCapacity, count < BufferPool.maximumCount
        else {
            buffer = ByteBuffer()
            return
        }
        buffer.removeAll()
        // In range, and empty: just checked.
        unsafe swap(&buffer, &spares[count])
        count += 1
    }
}
