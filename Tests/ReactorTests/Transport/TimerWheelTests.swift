import TestSupport
import Testing

@testable import Reactor

@Suite("Timer wheel")
struct TimerWheelTests {
    /// A naive implementation of a timer wheel.
    private struct Oracle {
        /// The first tick in which each slot may expire.
        private(set) var due: [Int: Int64] = [:]

        /// A deadline that has passed expires in the tick after the current one.
        mutating func set(_ slot: Int, _ deadline: Int64, currentTick: Int64) {
            due[slot] = max(deadline, currentTick + 1)
        }

        mutating func clear(_ slot: Int) { due[slot] = nil }
    }

    /// Returns all slots that expire up to `tick`, sorted.
    private func expired(_ wheel: inout TimerWheel, at tick: Int64) -> [Int] {
        var slots: [Int] = []
        while let slot = wheel.nextExpired(at: tick) { slots.append(slot) }
        return slots.sorted()
    }

    @Test("A slot expires in the tick of its deadline, once, and not before")
    func once() {
        var wheel = TimerWheel(currentTick: 100)
        wheel.set(slot: 3, deadline: 105)
        for tick in Int64(100)...104 { #expect(expired(&wheel, at: tick) == []) }
        #expect(wheel.count == 1)
        #expect(expired(&wheel, at: 105) == [3])
        #expect(wheel.count == 0)
        #expect(expired(&wheel, at: 10_000) == [])
    }

    @Test("A deadline that has passed expires in the next tick", arguments: [Int64(-5), 0, 99, 100])
    func inThePast(deadline: Int64) {
        var wheel = TimerWheel(currentTick: 100)
        wheel.set(slot: 0, deadline: deadline)
        #expect(expired(&wheel, at: 100) == [])
        #expect(expired(&wheel, at: 101) == [0])
    }

    @Test(
        "Deadlines many revolutions of the wheel away expire in time", arguments: [Int64(511), 512, 513, 1024, 36_000])
    func far(distance: Int64) {
        var wheel = TimerWheel(currentTick: 7)
        wheel.set(slot: 0, deadline: 7 + distance)
        wheel.set(slot: 1, deadline: 8)
        #expect(expired(&wheel, at: 6 + distance) == [1])
        #expect(expired(&wheel, at: 7 + distance) == [0])
    }

    @Test("The deadline set last applies, whether it is earlier or later")
    func moved() {
        var wheel = TimerWheel(currentTick: 0)
        for slot in 0..<3 { wheel.set(slot: slot, deadline: 50) }
        wheel.set(slot: 0, deadline: 10)
        wheel.set(slot: 1, deadline: 90)
        #expect(wheel.count == 3)
        #expect(expired(&wheel, at: 10) == [0])
        #expect(expired(&wheel, at: 50) == [2])
        #expect(expired(&wheel, at: 89) == [])
        #expect(expired(&wheel, at: 90) == [1])
    }

    @Test("A cleared slot does not expire, and clearing a slot without a deadline does nothing")
    func cleared() {
        var wheel = TimerWheel(currentTick: 0)
        for slot in 0..<5 { wheel.set(slot: slot, deadline: 10) }
        for slot in [2, 2, 0, 4, 77] { wheel.clear(slot: slot) }
        #expect(wheel.count == 2)
        #expect(expired(&wheel, at: 10) == [1, 3])
    }

    @Test("After a long sleep all passed deadlines expire, and no others")
    func longSleep() {
        var wheel = TimerWheel(currentTick: 0)
        for slot in 0..<100 { wheel.set(slot: slot, deadline: Int64(slot) * 40) }
        #expect(expired(&wheel, at: 2000) == Array(0...50))
        #expect(wheel.count == 49)
        #expect(wheel.currentTick == 2000)
        #expect(expired(&wheel, at: 1_000_000) == Array(51..<100))
    }

    @Test("An expired slot may get a new deadline at once")
    func renewed() {
        var wheel = TimerWheel(currentTick: 0)
        wheel.set(slot: 0, deadline: 1)
        var ticks: [Int64] = []
        while wheel.nextExpired(at: 10) != nil {
            ticks.append(wheel.currentTick)
            wheel.set(slot: 0, deadline: wheel.currentTick + 3)
        }
        #expect(ticks == [1, 4, 7, 10])
        #expect(wheel.count == 1)
    }

    @Test("Behaves like a naive list under random operations", arguments: 0..<20)
    func oracle(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tick = Int64.random(in: 0...1_000_000, using: &random)
        var wheel = TimerWheel(currentTick: tick)
        var oracle = Oracle()
        for _ in 0..<2000 {
            let slot = Int.random(in: 0..<50, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: tick += Int64.random(in: 0...3000, using: &random)
            case 1...3: tick += 1
            case 4:
                wheel.clear(slot: slot)
                oracle.clear(slot)
                continue
            default:
                let furthest = Bool.random(using: &random) ? 20 : Int64(2000)
                let deadline = tick + Int64.random(in: -3...furthest, using: &random)
                wheel.set(slot: slot, deadline: deadline)
                oracle.set(slot, deadline, currentTick: tick)
                continue
            }
            while let found = wheel.nextExpired(at: tick) {
                #expect(oracle.due[found] == wheel.currentTick)
                oracle.clear(found)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    let deadline = wheel.currentTick + Int64.random(in: 1...100, using: &random)
                    wheel.set(slot: found, deadline: deadline)
                    oracle.set(found, deadline, currentTick: wheel.currentTick)
                }
            }
            #expect(oracle.due.values.allSatisfy { $0 > tick })
            #expect(wheel.count == oracle.due.count)
            #expect(wheel.currentTick == tick)
        }
    }
}
