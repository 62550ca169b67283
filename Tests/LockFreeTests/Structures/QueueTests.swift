import CLockFree
import LockFreeTestSupport
import Testing

@Suite("Queue, on one thread")
struct QueueTests {
    @Test("returns values in the order in which they were pushed")
    func order() throws {
        let queue = try #require(Queue(capacity: 8))
        for value: UInt in 1...5 { #expect(queue.push(value)) }
        for value: UInt in 1...5 { #expect(queue.pop() == value) }
        #expect(queue.pop() == nil)
    }

    @Test("holds exactly as many values as its capacity", arguments: [1, 2, 3, 64, 1_000])
    func capacity(capacity: Int) throws {
        let queue = try #require(Queue(capacity: capacity))
        #expect(queue.capacity == capacity)
        for round in 0..<3 {
            for value in 0..<UInt(capacity) { #expect(queue.push(value), "round \(round)") }
            #expect(!queue.push(0))
            #expect(queue.count == capacity)
            for value in 0..<UInt(capacity) { #expect(queue.pop() == value) }
            #expect(queue.pop() == nil)
            #expect(queue.count == 0)
        }
    }

    @Test("refuses a capacity out of range", arguments: [0, 1 << 24 + 1, Int.max])
    func badCapacity(capacity: Int) {
        #expect(Queue(capacity: capacity) == nil)
    }

    @Test("carries every value, including 0 and the largest", arguments: [0, 1, UInt.max])
    func anyValue(value: UInt) throws {
        let queue = try #require(Queue(capacity: 1))
        #expect(queue.push(value))
        #expect(queue.pop() == value)
    }

    @Test("counts its values, however often its nodes have been used")
    func count() throws {
        let queue = try #require(Queue(capacity: 4))
        for round: UInt in 0..<1_000 {
            #expect(queue.push(round) && queue.push(round))
            #expect(queue.count == 2)
            #expect(queue.pop() == round)
            #expect(queue.count == 1)
            #expect(queue.pop() == round)
        }
    }

    @Test(
        "disposes of the remaining values when it ends, each once, oldest first",
        arguments: [(capacity: 4, pushed: 0, popped: 0), (4, 4, 0), (4, 4, 4), (4, 11, 8), (100, 70, 1), (1, 1, 0)]
    )
    func disposal(capacity: Int, pushed: Int, popped: Int) {
        var disposed = [UInt64](repeating: 0, count: pushed + 1)
        // The array has room for each value that was pushed.
        let count = unsafe hs_queue_disposal(capacity, UInt32(pushed), UInt32(popped), &disposed)
        #expect(disposed.prefix(count).elementsEqual((popped..<pushed).map { UInt64($0) + 1 }))
    }
}
