import Testing

@testable import Reactor

/// When sends that report only failures are done.
@Suite("Quiet sends")
struct QuietSendTests {
    private static let tokens = (0..<4).map { Token(slot: $0, generation: 0) }

    private func sends(_ count: Int) -> QuietSends {
        var sends = QuietSends()
        for token in Self.tokens.prefix(count) { sends.append(token, byteCount: 10 + token.slot) }
        return sends
    }

    /// Returns the slots of the sends that are done and were not returned before.
    private func done(_ sends: inout QuietSends) -> [Int] {
        var slots: [Int] = []
        while let (token, byteCount) = sends.next() {
            #expect(byteCount == 10 + token.slot)
            slots.append(token.slot)
        }
        return slots
    }

    @Test("are done when all failures were reported, except for those that failed")
    func complete() {
        var sends = sends(4)
        #expect(done(&sends) == [])
        sends.remove(Self.tokens[1])
        sends.complete()
        #expect(done(&sends) == [0, 2, 3] && done(&sends) == [] && sends.isEmpty)
    }

    @Test("are done up to a barrier that has completed")
    func barrier() throws {
        var sends = sends(2)
        let begun = sends.beginBarrier()
        let barrier = try #require(begun)
        let second = sends.beginBarrier()
        #expect(second == nil, "one at a time")
        sends.append(Self.tokens[2], byteCount: 12)
        sends.remove(Self.tokens[0])
        sends.endBarrier(barrier)
        #expect(done(&sends) == [1] && !sends.isEmpty)
    }

    @Test("ignore an outdated barrier")
    func staleBarrier() throws {
        var sends = sends(1)
        let begun = sends.beginBarrier()
        let stale = try #require(begun)
        sends.complete()
        #expect(done(&sends) == [0])
        sends.append(Self.tokens[1], byteCount: 11)
        let next = sends.beginBarrier()
        let current = try #require(next)
        sends.endBarrier(stale)
        #expect(done(&sends) == [])
        sends.endBarrier(current)
        #expect(done(&sends) == [1])
        sends.removeAll()
        sends.append(Self.tokens[2], byteCount: 12)
        let last = sends.beginBarrier()
        #expect(last != current, "also after `removeAll`")
    }

    @Test("need no barrier when there are none, or all are done")
    func noBarrier() {
        var sends = sends(1)
        sends.complete()
        let needless = sends.beginBarrier()
        #expect(needless == nil)
        #expect(done(&sends) == [0])
        let none = sends.beginBarrier()
        #expect(none == nil)
    }
}
