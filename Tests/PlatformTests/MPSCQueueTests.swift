import Platform
import Synchronization
import TestSupport
import Testing

@Suite("The queue of many producers and one consumer")
struct MPSCQueueTests {
    /// A noncopyable value that reports its end.
    private struct Token: ~Copyable, Sendable {
        let number: Int
        let gone: Gone

        deinit { gone.numbers.withLock { $0.append(number) } }
    }

    private final class Gone: Sendable {
        let numbers = Locked<[Int]>([])
    }

    private func take(_ queue: MPSCQueue<Token>) -> [Int] {
        var taken: [Int] = []
        _ = queue.takeBatch { taken.append($0.number) }
        return taken
    }

    @Test("passes values on oldest first, all at once, and releases each once")
    func order() {
        let gone = Gone()
        let queue = MPSCQueue<Token>()
        #expect(!queue.takeBatch { _ in })
        for number in 1...3 {
            let isFirst = queue.push(Token(number: number, gone: gone))
            #expect(isFirst == (number == 1))
        }
        #expect(take(queue) == [1, 2, 3])
        #expect(gone.numbers.withLock { $0 } == [1, 2, 3])
        #expect(!queue.takeBatch { _ in })
        let isFirst = queue.push(Token(number: 4, gone: gone))
        #expect(isFirst, "the consumer has to be woken again")
        #expect(take(queue) == [4])
    }

    @Test("the consumer may change a value, and push others meanwhile")
    func pushDuringTake() {
        let queue = MPSCQueue<[Int]>()
        _ = queue.push([1])
        var isFirst = false
        _ = queue.takeBatch { value in
            value.append(2)
            #expect(value == [1, 2])
            isFirst = queue.push([3])
        }
        #expect(isFirst)
        var taken: [[Int]] = []
        _ = queue.takeBatch { taken.append($0) }
        #expect(taken == [[3]])
    }

    @Test("releases the remaining values when it ends")
    func disposal() {
        let gone = Gone()
        do {
            let queue = MPSCQueue<Token>()
            for number in 1...3 { _ = queue.push(Token(number: number, gone: gone)) }
        }
        #expect(gone.numbers.withLock { $0 } == [1, 2, 3])
    }

    @Test("many producers lose nothing, keep their own order, and wake the consumer once for each batch")
    func producers() async throws {
        let producers = 4
        let each = 20_000
        let queue = MPSCQueue<Int>()
        let wakeUps = Wakes()
        let threads = (0..<producers).map { producer in
            inBackground {
                for number in 0..<each where queue.push(producer * each + number) {
                    wakeUps.count.add(1, ordering: .releasing)
                }
            }
        }
        let (batches, isInOrder) = try await onOwnThread {
            var last = [Int](repeating: -1, count: producers)
            var isInOrder = true
            var taken = 0
            var batches = 0
            while taken < producers * each {
                let isAny = queue.takeBatch { value in
                    taken += 1
                    isInOrder = isInOrder && value % each == last[value / each] + 1
                    last[value / each] = value % each
                }
                if isAny { batches += 1 }
            }
            for thread in threads { thread.wait() }
            return (batches, isInOrder)
        }
        #expect(isInOrder)
        #expect(wakeUps.count.load(ordering: .acquiring) == batches)
    }

    private final class Wakes: Sendable {
        let count = Atomic(0)
    }
}
