import Platform
import Synchronization
import TestSupport
import Testing

/// The owners of the C structures; LockFreeTests proves the structures themselves.
@Suite("Owners of lock-free structures")
struct LockFreeOwnerTests {
    @Test("a deque's owner takes the newest word, and thieves the oldest")
    func deque() {
        let owner = DequeOwner(capacity: 4)
        let thief = owner.makeThief()
        let another = thief.makeThief()
        for word: UInt in 1...4 { #expect(owner.push(word) == true) }
        #expect(owner.push(5) == false, "it is full")
        #expect(thief.count == 4)
        #expect(owner.pop() == 4)
        #expect(thief.steal() == 1)
        #expect(another.steal() == 2)
        #expect(owner.pop() == 3)
        #expect(owner.pop() == nil && thief.steal() == nil && another.count == 0)
    }

    @Test("a thief may outlive the owner")
    func thiefOutlivesOwner() {
        func makeThief() -> DequeThief {
            let owner = DequeOwner(capacity: 2)
            _ = owner.push(7)
            return owner.makeThief()
        }
        let thief = makeThief()
        #expect(thief.steal() == 7)
        #expect(thief.steal() == nil)
    }

    @Test("thieves on other threads and the owner take each word once")
    func stealing() async throws {
        let words: UInt = 50_000
        let owner = DequeOwner(capacity: 1 << 16)
        let sum = Sum()
        let thieves = (0..<3).map { _ in
            let thief = Lent(owner.makeThief())
            return inBackground {
                while !sum.isOver.load(ordering: .acquiring) || thief.value.count > 0 {
                    if let word = thief.value.steal() { sum.value.wrappingAdd(word, ordering: .relaxed) }
                }
            }
        }
        for word in 1...words {
            #expect(owner.push(word) == true)
            if word.isMultiple(of: 3), let own = owner.pop() { sum.value.wrappingAdd(own, ordering: .relaxed) }
        }
        sum.isOver.store(true, ordering: .releasing)
        try await onOwnThread { for thief in thieves { thief.wait() } }
        #expect(sum.value.load(ordering: .relaxed) == words * (words + 1) / 2)
    }

    private final class Sum: Sendable {
        let value = Atomic<UInt>(0)
        let isOver = Atomic<Bool>(false)
    }

    /// Brings a thief's end to its thread.
    private final class Lent: Sendable {
        let value: DequeThief

        init(_ value: consuming DequeThief) { self.value = value }
    }

    @Test("a queue is first in, first out, and refuses what has no room")
    func queue() {
        let queue = MPMCQueue(capacity: 3)
        #expect(queue.isEmpty && queue.count == 0 && queue.pop() == nil)
        for word: UInt in [0, .max, 5] { #expect(queue.push(word) == true) }
        #expect(queue.push(6) == false)
        #expect(queue.isEmpty == false && queue.count == 3)
        #expect(queue.pop() == 0)
        #expect(queue.pop() == .max)
        #expect(queue.push(7) == true)
        #expect(queue.pop() == 5)
        #expect(queue.pop() == 7)
        #expect(queue.isEmpty == true)
    }

    @Test("a parking counts sleepers, grants as many wake-ups, and times out")
    func parking() {
        let parking = Parking()
        #expect(parking.wakeOne() == false)
        parking.announce()
        #expect(parking.sleepers == 1)
        #expect(parking.cancel() == false)
        #expect(parking.sleepers == 0)
        parking.announce()
        #expect(parking.wakeOne() == true)
        #expect(parking.wait(timeoutNanoseconds: nil) == true)
        parking.announce()
        #expect(parking.wait(timeoutNanoseconds: 1_000_000) == false)
        parking.announce()
        parking.wakeAll()
        #expect(parking.cancel() == true)
    }

    @Test("a fixed array makes its values in order, and ends each of them")
    func fixedArray() {
        struct Value: ~Copyable {
            let number: Int
            let ended: Locked<[Int]>

            deinit { ended.withLock { $0.append(number) } }
        }
        let ended = Locked<[Int]>([])
        do {
            let array = FixedArray(count: 3) { Value(number: $0 * 10, ended: ended) }
            #expect(array.count == 3)
            #expect(array[0].number == 0 && array[1].number == 10 && array[2].number == 20)
            #expect(ended.withLock { $0 }.isEmpty)
        }
        #expect(ended.withLock { $0.sorted() } == [0, 10, 20])
        #expect(FixedArray(count: 0) { Value(number: $0, ended: ended) }.count == 0)
    }

    @Test("atomic integers begin at a pair of cache lines")
    func atomicLines() {
        let lines = AtomicLines(lines: 3)
        #expect(lines.count == 3 * AtomicLines.perLine)
        for index in 0..<lines.count {
            #expect(lines[index].wrappingAdd(UInt64(index), ordering: .relaxed).oldValue == 0)
        }
        #expect(lines[17].load(ordering: .relaxed) == 17)
    }

    @Test("waiting for work goes from pauses to yields to an end, and begins with yields on one processor")
    func backoff() {
        func waits(_ backoff: Backoff) -> Int {
            var backoff = backoff
            var count = 0
            while backoff.wait() { count += 1 }
            return count
        }
        #expect(waits(Backoff(processors: 2, isSpinningWorthwhile: true)) == 11)
        #expect(waits(Backoff(processors: 1, isSpinningWorthwhile: true)) == 4)
        #expect(waits(Backoff(processors: 8, isSpinningWorthwhile: false)) == 0)
    }

    @Test(
        "a capacity that can't be had ends the process",
        arguments: [0, 3, 1 << 25])
    func capacities(capacity: Int) async {
        await #expect(processExitsWith: .failure) { [capacity] in _ = DequeOwner(capacity: capacity).pop() }
    }
}
