import CLockFree
import LockFreeTestSupport
import Testing

@Suite("Deque, on one thread")
struct DequeTests {
    @Test("gives its owner the newest value and thieves the oldest")
    func ends() throws {
        let deque = try #require(Deque(capacity: 8))
        for value: UInt in 1...5 { #expect(deque.push(value)) }
        #expect(deque.pop() == 5)
        #expect(deque.steal() == 1)
        #expect(deque.pop() == 4)
        #expect(deque.steal() == 2)
        #expect(deque.pop() == 3)
        #expect(deque.pop() == nil)
        #expect(deque.steal() == nil)
    }

    @Test("holds exactly as many values as its capacity", arguments: [1, 2, 64, 1_024])
    func capacity(capacity: Int) throws {
        let deque = try #require(Deque(capacity: capacity))
        for _ in 0..<3 {
            for value in 0..<UInt(capacity) { #expect(deque.push(value)) }
            #expect(!deque.push(0))
            #expect(deque.count == capacity)
            for value in 0..<UInt(capacity) { #expect(deque.steal() == value) }
            #expect(deque.count == 0)
            for value in 0..<UInt(capacity) { #expect(deque.push(value)) }
            #expect(!deque.push(0))
            for value in (0..<UInt(capacity)).reversed() { #expect(deque.pop() == value) }
            #expect(deque.pop() == nil)
        }
    }

    @Test("refuses a capacity that is not a power of two, or too large", arguments: [0, 3, 1_000, 1 << 25, Int.max])
    func badCapacity(capacity: Int) {
        #expect(Deque(capacity: capacity) == nil)
    }

    @Test("carries every value", arguments: [0, 1, UInt.max])
    func anyValue(value: UInt) throws {
        let deque = try #require(Deque(capacity: 1))
        #expect(deque.push(value))
        #expect(deque.pop() == value)
        #expect(deque.push(value))
        #expect(deque.steal() == value)
    }

    @Test(
        "disposes of the remaining values when it ends, each once, oldest first",
        arguments: [(capacity: 4, pushed: 0, popped: 0), (4, 4, 0), (4, 4, 4), (4, 11, 8), (128, 70, 1), (1, 1, 0)]
    )
    func disposal(capacity: Int, pushed: Int, popped: Int) {
        var disposed = [UInt64](repeating: 0, count: pushed + 1)
        // The array has room for each value that was pushed.
        let count = unsafe hs_deque_disposal(capacity, UInt32(pushed), UInt32(popped), &disposed)
        #expect(disposed.prefix(count).elementsEqual((popped..<pushed).map { UInt64($0) + 1 }))
    }
}
