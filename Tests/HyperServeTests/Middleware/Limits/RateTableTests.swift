import Platform
import Reactor
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

@Suite("The table of a rate limit")
struct RateTableTests {
    @Test("a flood of keys neither grows the table nor rejects a new client")
    func flood() {
        let table = RateTable(slots: 64, intervalNanoseconds: 1_000_000_000, burst: 2)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100_000 { #expect(table.take(hash: generator.next(), nanoseconds: 0).isAllowed) }
    }

    @Test("a key keeps its count while others reuse each other's slots")
    func eviction() {
        let table = RateTable(slots: 8, intervalNanoseconds: 1_000_000_000, burst: 3)
        let victim: UInt64 = 0xABCDEF << 40
        for _ in 0..<3 { #expect(table.take(hash: victim, nanoseconds: 0).isAllowed) }
        // Each of the others owes less, so they reuse each other's slots.
        for key in 1...100 as ClosedRange<UInt64> { _ = table.take(hash: key << 40, nanoseconds: 0) }
        #expect(!table.take(hash: victim, nanoseconds: 0).isAllowed)
    }

    @Test("the clock may wrap around")
    func wrap() {
        let table = RateTable(slots: 8, intervalNanoseconds: 1_000_000_000, burst: 1)
        let round = (Int64(1) << 40) * RateTable.stepNanoseconds
        let key: UInt64 = 7 << 40
        for start in [round - 500_000_000, round * 3 / 2, round * 5 / 2] {
            #expect(table.take(hash: key, nanoseconds: start).isAllowed)
            #expect(!table.take(hash: key, nanoseconds: start + 900_000_000).isAllowed)
            #expect(table.take(hash: key, nanoseconds: start + 1_000_000_000).isAllowed)
        }
    }

    @Test("threads together get no more than one would")
    func threads() async throws {
        let table = RateTable(slots: 8, intervalNanoseconds: 1_000_000_000, burst: 1000)
        let allowed = Atomic<Int>(0)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<2000).count { _ in table.take(hash: 7 << 40, nanoseconds: 0).isAllowed }
                }
            }
            for await count in group { allowed.add(count, ordering: .relaxed) }
        }
        #expect(allowed.load(ordering: .relaxed) == 1000)
    }

    @Test("a caller whose clock is behind gets nothing refunded", arguments: [1, 10, 600_000, 900_000_000] as [Int64])
    func olderClock(steps: Int64) {
        let table = RateTable(slots: 8, intervalNanoseconds: 1_000_000_000, burst: 10)
        let (late, key) = (200_000_000_000_000 as Int64, 7 << 40 as UInt64)
        let early = late - steps * RateTable.stepNanoseconds
        for _ in 0..<10 { #expect(table.take(hash: key, nanoseconds: late).isAllowed) }
        for _ in 0..<3 {
            let verdict = table.take(hash: key, nanoseconds: early)
            #expect(!verdict.isAllowed && verdict.remaining == 0)
            #expect(verdict.waitNanoseconds == 1_000_000_000 + late - early)
            #expect(!table.take(hash: key, nanoseconds: late).isAllowed)
        }
        #expect(table.take(hash: key, nanoseconds: late + 1_000_000_000).isAllowed)
        #expect(!table.take(hash: key, nanoseconds: early + 1_000_000_000).isAllowed)
    }

    @Test("callers whose clocks differ get no more than a burst and what was refilled in between")
    func skewedClocks() {
        let (interval, burst) = (10 as Int64, 50)
        var generator = SeededGenerator(seed: 3)
        for skew in [1, 7, 100, 1000] as [Int64] {
            // Also around the point where the moments wrap around.
            for start in [0, (1 << 40) - 500, (1 << 41) - 1] as [Int64] {
                let table = RateTable(
                    slots: 8, intervalNanoseconds: interval * RateTable.stepNanoseconds, burst: burst)
                var (allowedCount, earliest, latest) = (0, Int64.max, Int64.min)
                for step in 0..<2000 as Range<Int64> {
                    for _ in 0..<5 {
                        let reading = start + step + skew - Int64.random(in: 0...skew, using: &generator)
                        (earliest, latest) = (min(earliest, reading), max(latest, reading))
                        let verdict = table.take(hash: 7 << 40, nanoseconds: reading * RateTable.stepNanoseconds)
                        if verdict.isAllowed { allowedCount += 1 }
                    }
                }
                #expect(allowedCount <= burst + Int((latest - earliest) / interval))
                #expect(allowedCount >= burst + Int((latest - earliest - skew) / interval) - 1, "nor much less")
            }
        }
    }

    @Test("threads that read the clock themselves get no more than a burst and what was refilled in between")
    func threadsWithClocks() async throws {
        let table = RateTable(slots: 8, intervalNanoseconds: RateTable.stepNanoseconds, burst: 2000)
        let start = Clock.nanoseconds()
        let allowed = Atomic<Int>(0)
        await withTaskGroup(of: Int.self) { group in
            for thread in 0..<4 as Range<UInt64> {
                group.addTask {
                    var generator = SeededGenerator(seed: thread)
                    return (0..<60_000).count { _ in
                        let now = Clock.nanoseconds()
                        // Delayed by up to two steps, as by an interrupt.
                        let delay = Int64.random(in: 0...2 * RateTable.stepNanoseconds, using: &generator)
                        return table.take(hash: 7 << 40, nanoseconds: max(start, now - delay)).isAllowed
                    }
                }
            }
            for await count in group { allowed.add(count, ordering: .relaxed) }
        }
        let span = Clock.nanoseconds() - start
        // One more, since readings are rounded down to a step.
        #expect(allowed.load(ordering: .relaxed) <= 2000 + Int(span / RateTable.stepNanoseconds) + 1)
        #expect(allowed.load(ordering: .relaxed) >= 2000)
    }

    @Test("what was paid for before the clock wrapped around is past, however long ago")
    func longAgo() {
        let round = (Int64(1) << 40) * RateTable.stepNanoseconds
        let day = 86_400 * 1_000_000_000 as Int64
        let eighths = (1...20).map { round / 8 * $0 }
        for pause in [0, day, round - day, round - 1_000_000_000] + eighths {
            // With requests of others in between, or without.
            for stride in [pause + 1, day, round / 5] {
                let table = RateTable(slots: 8, intervalNanoseconds: 1_000_000_000, burst: 2)
                for _ in 0..<2 { #expect(table.take(hash: 7 << 40, nanoseconds: day).isAllowed) }
                for moment in Swift.stride(from: day + stride, to: day + pause, by: Int(stride)) {
                    #expect(table.take(hash: 8 << 40, nanoseconds: moment).isAllowed)
                }
                #expect(table.take(hash: 7 << 40, nanoseconds: day + pause + 2_000_000_000).isAllowed)
            }
        }
    }
}
