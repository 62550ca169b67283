import Glibc
import Testing

@testable import Reactor

/// What a turn of a driver brings, to whom, and when.
@Suite("A driver's turn")
struct DriverTurnTests {
    private struct Shares: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let (flood, trickle) = (Token(slot: 1, generation: 0), Token(slot: 2, generation: 0))
            let flooded = try SocketPair(for: KernelDriver.kind)
            let polite = try SocketPair(for: KernelDriver.kind)
            let byteCount = 100_000
            flooded.write(String(repeating: "x", count: byteCount))
            polite.write("please")
            bench.driver.receiveOnce(flood, descriptor: flooded.own)
            bench.driver.startReceiving(trickle, descriptor: polite.own)
            var (before, after) = (0, 0)
            var hasComeThrough = false
            for _ in 0..<100 where before + after < byteCount || !hasComeThrough {
                for completion in try bench.turn() where completion.operation == .receive {
                    if completion.token == trickle { hasComeThrough = true }
                    guard completion.token == flood else { continue }
                    if completion.isFinal { bench.driver.receiveOnce(flood, descriptor: flooded.own) }
                    if hasComeThrough { after += Int(completion.result) } else { before += Int(completion.result) }
                }
            }
            #expect(hasComeThrough && before + after == byteCount)
            #expect(before <= 16 * 1024, "and before much of the flood did")
            bench.driver.close(flood, descriptor: flooded.own)
            bench.driver.close(trickle, descriptor: polite.own)
        }
    }

    @Test("brings a flood no more than a buffer before the others had theirs", arguments: DriverKind.allCases)
    func shares(kind: DriverKind) throws {
        try perform(Shares(), on: kind)
    }

    private struct SettlesSends: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            let token = Token(slot: 5, generation: 77)
            let bytes: StaticString = "quiet"
            // Later than any turn of the test: what comes did not wait for it.
            bench.driver.setTimer(nanoseconds: 3_600_000_000_000)
            for _ in 0..<10 {
                // A literal stays in place for ever.
                unsafe bench.driver.send(
                    token, descriptor: pair.own, bytes: UnsafeRawBufferPointer(start: bytes.utf8Start, count: 5),
                    isAwaited: false)
                bench.driver.awaitSends()
                bench.driver.awaitSends()
                try bench.driver.wait()
                var sent: Int32 = 0
                while let completion = bench.driver.nextCompletion() {
                    if completion.operation == .send { sent += completion.result }
                    bench.driver.release(completion)
                }
                #expect(sent == 5)
            }
            #expect(pair.read() == String(repeating: "quiet", count: 10))
            bench.driver.close(token, descriptor: pair.own)
        }
    }

    @Test("comes by itself when a send that was not awaited has to be known", arguments: DriverKind.allCases)
    func settlesSends(kind: DriverKind) throws {
        try perform(SettlesSends(), on: kind)
    }
}
