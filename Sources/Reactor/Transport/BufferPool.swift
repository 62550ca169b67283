import HTTPCore

/// A pool of send buffers, so that sending a response allocates nothing once a reactor is warm.
///
/// Buffers are lent to connections that have something to send and are returned when it is sent: an idle connection
/// holds none. The pool keeps at most `maximumCount` buffers of at most `maximumCapacity` bytes.
@safe
struct BufferPool: ~Copyable {
    private static let maximumCount = 1024
    private static let maximumCapacity = 16 * 1024
    private static let initialCapacity = 2 * 1024

    // Owned, deinitialised in `deinit`: `maximumCount` buffers, of which those from `count` on are empty and without
    // memory.
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

    /// Gives memory to a buffer that has none.
    mutating func lend(to buffer: inout ByteBuffer) {
        guard count > 0 else { return buffer.reserve(BufferPool.initialCapacity) }
        count -= 1
        // In range: `count` was above 0. A swap ends the lifetime of neither buffer.
        unsafe swap(&buffer, &spares[count])
    }

    /// Takes a buffer's memory, and keeps it unless it is too large or the pool is full.
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
