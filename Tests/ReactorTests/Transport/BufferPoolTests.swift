import HTTPCore
import Testing

@testable import Reactor

@Suite("Buffer pool")
struct BufferPoolTests {
    @Test("Lends empty buffers with memory")
    func take() {
        var pool = BufferPool()
        var buffer = ByteBuffer()
        pool.lend(to: &buffer)
        let (count, capacity) = (buffer.count, buffer.capacity)
        #expect(count == 0 && capacity >= 1024)
    }

    @Test("A returned buffer is reused, without its contents")
    func reuse() {
        var pool = BufferPool()
        var buffer = ByteBuffer(capacity: 5000)
        buffer.append("secret")
        pool.takeBack(&buffer)
        let left = buffer.capacity
        pool.lend(to: &buffer)
        let (count, capacity) = (buffer.count, buffer.capacity)
        #expect(left == 0 && count == 0 && capacity == 5000)
    }

    @Test("Keeps neither large buffers nor those without memory", arguments: [0, 16 * 1024 + 1, 1 << 20])
    func notKept(capacity: Int) {
        var pool = BufferPool()
        var buffer = ByteBuffer(capacity: capacity)
        pool.takeBack(&buffer)
        let left = buffer.capacity
        pool.lend(to: &buffer)
        let lent = buffer.capacity
        #expect(left == 0 && lent != capacity && lent <= 16 * 1024)
    }

    @Test("Keeps a bounded number of buffers")
    func bounded() {
        var pool = BufferPool()
        for _ in 0..<2000 {
            var buffer = ByteBuffer(capacity: 5000)
            pool.takeBack(&buffer)
        }
        var kept = 0
        while true {
            var buffer = ByteBuffer()
            pool.lend(to: &buffer)
            guard buffer.capacity == 5000 else { break }
            kept += 1
        }
        #expect(kept == 1024)
    }
}
