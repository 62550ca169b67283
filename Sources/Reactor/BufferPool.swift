import HTTP1

/// Send buffers between two uses, so that the way to an answer allocates nothing once a reactor is warm.
///
/// Buffers are lent to connections that have something to send and come back when it is sent: an idle connection
/// holds none. At most `maximumCount` are kept, none larger than `maximumCapacity`, which bounds what is held.
@safe
struct BufferPool: ~Copyable {
    private static let maximumCount = 1024
    private static let maximumCapacity = 16 * 1024
    private static let initialCapacity = 2 * 1024

    // Owned: the first `count` places hold initialised buffers; deinitialised in `deinit`.
    private let spares: UnsafeMutablePointer<ByteBuffer>
    private var count = 0

    init() {
        unsafe spares = .allocate(capacity: BufferPool.maximumCount)
    }

    deinit {
        unsafe spares.deinitialize(count: count)
        unsafe spares.deallocate()
    }

    /// An empty buffer with some room.
    mutating func take() -> ByteBuffer {
        guard count > 0 else { return ByteBuffer(capacity: BufferPool.initialCapacity) }
        count -= 1
        return unsafe (spares + count).move()
    }

    /// Keeps a buffer for later, or frees it when it is too large or there are enough.
    mutating func give(_ buffer: consuming ByteBuffer) {
        guard buffer.capacity > 0, buffer.capacity <= BufferPool.maximumCapacity, count < BufferPool.maximumCount
        else { return }
        buffer.removeAll()
        unsafe (spares + count).initialize(to: buffer)
        count += 1
    }
}
