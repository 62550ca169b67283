import HTTP1
import Testing

@testable import Reactor

@Suite("Buffer pool")
struct BufferPoolTests {
    @Test("It gives out empty buffers with room")
    func take() {
        var pool = BufferPool()
        let buffer = pool.take()
        let (count, capacity) = (buffer.count, buffer.capacity)
        #expect(count == 0 && capacity >= 1024)
    }

    @Test("A buffer given back is used again, without what it held")
    func reuse() {
        var pool = BufferPool()
        var buffer = ByteBuffer(capacity: 5000)
        buffer.append("secret")
        pool.give(buffer)
        let again = pool.take()
        let (count, capacity) = (again.count, again.capacity)
        #expect(count == 0 && capacity == 5000)
    }

    @Test("Neither large buffers nor those without memory are kept", arguments: [0, 16 * 1024 + 1, 1 << 20])
    func notKept(capacity: Int) {
        var pool = BufferPool()
        pool.give(ByteBuffer(capacity: capacity))
        let taken = pool.take().capacity
        #expect(taken != capacity && taken <= 16 * 1024)
    }

    @Test("It keeps a bounded number of buffers")
    func bounded() {
        var pool = BufferPool()
        for _ in 0..<2000 { pool.give(ByteBuffer(capacity: 5000)) }
        var kept = 0
        while pool.take().capacity == 5000 { kept += 1 }
        #expect(kept == 1024)
    }
}
