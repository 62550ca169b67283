import Platform
import Synchronization
import TestSupport
import Testing

@Suite("Counters")
struct CountersTests {
    private enum Kind: Int, CaseIterable { case added, stored, unused }

    @Test("counts add up over all writers, and can be read for each")
    func sums() {
        let counters = Counters<Kind>(writers: 3)
        for index in 0..<3 {
            let writer = counters.makeWriter(index)
            writer.add(index + 1, to: .added)
            writer.add(10, to: .added)
            writer.store(100, in: .stored)
            writer.store(index, in: .stored)
        }
        #expect(counters.sum(of: .added) == 36 && counters.sum(of: .stored) == 3 && counters.sum(of: .unused) == 0)
        #expect((0..<3).map { counters.value(of: .added, by: $0) } == [11, 12, 13])
        #expect((0..<3).map { counters.value(of: .stored, by: $0) } == [0, 1, 2])
    }

    @Test("a writer keeps the counts")
    func lifetime() {
        func makeWriter() -> Counters<Kind>.Writer { Counters<Kind>(writers: 1).makeWriter(0) }
        let writer = makeWriter()
        writer.add(1, to: .added)
        writer.store(2, in: .unused)
    }

    private final class Progress: Sendable {
        let isOver = Atomic<Bool>(false)
        let goneBack = Atomic<Int>(0)
    }

    @Test("while others write, sums and single counts never go back; none is lost")
    func concurrency() async throws {
        let counters = Counters<Kind>(writers: 4)
        let rounds = 20_000
        let progress = Progress()
        let readers = (0..<2).map { reader in
            inBackground {
                var before: [UInt64] = [0, 0, 0, 0]
                while !progress.isOver.load(ordering: .acquiring) {
                    let seen = [
                        counters.sum(of: .added), counters.sum(of: .stored),
                        counters.value(of: .added, by: reader), counters.value(of: .stored, by: reader),
                    ]
                    if zip(seen, before).contains(where: { $0 < $1 }) { progress.goneBack.add(1, ordering: .relaxed) }
                    before = seen
                }
            }
        }
        let writers = (0..<4).map { index in
            inBackground {
                let writer = counters.makeWriter(index)
                for round in 1...rounds {
                    writer.add(index + 1, to: .added)
                    writer.store(round, in: .stored)
                }
            }
        }
        try await onOwnThread {
            for writer in writers { writer.wait() }
            progress.isOver.store(true, ordering: .releasing)
            for reader in readers { reader.wait() }
        }
        #expect(progress.goneBack.load(ordering: .relaxed) == 0)
        #expect(counters.sum(of: .added) == UInt64(rounds * (1 + 2 + 3 + 4)))
        #expect(counters.sum(of: .stored) == UInt64(rounds * 4))
        #expect(counters.sum(of: .unused) == 0)
    }

    private enum Gap: Int, CaseIterable {
        case first = 0
        case third = 2
    }

    @Test("kinds whose raw values have a gap end the process, and so do rows that there aren't")
    func misuse() async {
        await #expect(processExitsWith: .failure) { _ = Counters<Gap>(writers: 1) }
        await #expect(processExitsWith: .failure) { _ = Counters<Kind>(writers: 0) }
        await #expect(processExitsWith: .failure) { _ = Counters<Kind>(writers: 2).value(of: .added, by: 2) }
    }
}
