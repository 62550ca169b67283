import Glibc
import Platform
import Testing

@testable import Reactor

/// The completions that a turn of a driver brings.
@Suite("A driver's turn")
struct DriverTurnTests {
    private struct LosesNothing: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            // More floods than the driver has large buffers, whether they wait in the driver or in the kernel.
            let descriptors = try (0..<50).map { slot in
                let pair = try SocketPair(for: KernelDriver.kind)
                bench.driver.submit(.receive(descriptor: pair.own, .onceLarge), Token(slot: slot, generation: 0))
                return (own: pair.own, peer: dup(pair.peer))
            }
            defer { for (own:_, peer:peer) in descriptors { close(peer) } }
            for _ in 0..<10 { #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.kind == .timer }) }
            let piece = String(repeating: "x", count: 20_000)
            var received = [Int](repeating: 0, count: descriptors.count)
            for _ in 0..<2 {
                for (own:_, peer:peer) in descriptors {
                    #expect(unsafe Glibc.write(peer, Array(piece.utf8), piece.utf8.count) == piece.utf8.count)
                }
                let target = received[0] + piece.utf8.count
                for _ in 0..<200 where received.contains(where: { $0 < target }) {
                    for completion in try bench.turn() where completion.kind == .receive {
                        let slot = completion.token.slot
                        received[slot] += max(0, Int(completion.result))
                        guard completion.isFinal else { continue }
                        #expect(completion.result > 0 || completion.result == -ENOBUFS)
                        bench.driver.submit(.receive(descriptor: descriptors[slot].own, .onceLarge), completion.token)
                    }
                }
                #expect(received.allSatisfy { $0 == target })
            }
            for (slot, pair) in descriptors.enumerated() {
                bench.driver.submit(.close(descriptor: pair.own), Token(slot: slot, generation: 0))
            }
        }
    }

    @Test("loses no bytes of more floods than there are large buffers", arguments: DriverKind.allCases)
    func losesNothing(kind: DriverKind) throws {
        try perform(LosesNothing(), on: kind)
    }

    private struct ReceivesLarge: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let token = Token(slot: 3, generation: 1)
            let pair = try SocketPair(for: KernelDriver.kind)
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: Operation.largeReceiveByteCount)
            #expect(unsafe Glibc.write(pair.peer, piece, piece.count) == piece.count)
            pair.write("more")
            bench.driver.submit(.receive(descriptor: pair.own, .onceLarge), token)
            let first = try #require(try bench.next(.receive))
            #expect(first.isFinal && first.text.utf8.elementsEqual(piece))
            #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.kind == .timer }, "it has ended")
            bench.driver.submit(.receive(descriptor: pair.own, .onceLarge), token)
            #expect(try bench.next(.receive)?.text == "more")
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("brings up to 64 KiB for a large receive, and no more until the next one", arguments: DriverKind.allCases)
    func receivesLarge(kind: DriverKind) throws {
        try perform(ReceivesLarge(), on: kind)
    }

    private struct DoesNotBlock: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let start = Clock.nanoseconds()
            bench.driver.submit(.timer(nanoseconds: 3_600_000_000_000), .none)
            try bench.driver.wait(blocks: false)
            #expect(bench.driver.nextCompletion() == nil)
            #expect(Clock.nanoseconds() - start < 60_000_000_000)
        }
    }

    @Test("ends at once without completions if it must not block", arguments: DriverKind.allCases)
    func doesNotBlock(kind: DriverKind) throws {
        try perform(DoesNotBlock(), on: kind)
    }

    private struct WaitsForAFlood: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let token = Token(slot: 5, generation: 77)
            var pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.submit(.receive(descriptor: pair.own, .onceLarge), token)
            for text in ["hello", "world"] {
                // Submitted before any bytes have arrived.
                #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.kind != .receive })
                pair.write(text)
                let received = try #require(try bench.next(.receive))
                #expect(received.text == text && received.isFinal)
                bench.driver.submit(.receive(descriptor: pair.own, .onceLarge), token)
            }
            pair.closePeer()
            let end = try #require(try bench.next(.receive))
            #expect(end.result == 0 && end.isFinal)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("receives from a flood as soon as it continues, up to its FIN", arguments: DriverKind.allCases)
    func waitsForAFlood(kind: DriverKind) throws {
        try perform(WaitsForAFlood(), on: kind)
    }

    private struct ReportsSends: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            let (token, barrier) = (Token(slot: 5, generation: 77), Token(slot: 0, generation: 3))
            let bytes: StaticString = "quiet"
            // A literal has static storage.
            let buffer = unsafe UnsafeRawBufferPointer(start: bytes.utf8Start, count: 5)
            // Later than any turn of the test, so no completion waited for it.
            bench.driver.submit(.timer(nanoseconds: 3_600_000_000_000), .none)
            for _ in 0..<10 {
                unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .quiet), token)
                bench.driver.submit(.barrier, barrier)
                try bench.driver.wait(blocks: true)
                let hasReportedSends = bench.driver.hasReportedSends
                #expect(hasReportedSends)
                let ahead = bench.driver.completionAhead(0)
                #expect(ahead?.kind == .barrier && ahead?.token == barrier)
                #expect(bench.driver.completionAhead(1) == nil)
                let completion = bench.driver.nextCompletion()
                #expect(completion?.kind == .barrier && completion?.token == barrier)
                #expect(bench.driver.completionAhead(0) == nil && bench.driver.nextCompletion() == nil)
            }
            #expect(pair.read() == String(repeating: "quiet", count: 10))
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("begins without another event when a barrier follows a quiet send", arguments: DriverKind.allCases)
    func reportsSends(kind: DriverKind) throws {
        try perform(ReportsSends(), on: kind)
    }

    private struct ShowsFailures: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            var pair = try SocketPair(for: KernelDriver.kind)
            pair.closePeer()
            let token = Token(slot: 5, generation: 77)
            let bytes: StaticString = "quiet"
            // A literal has static storage.
            let buffer = unsafe UnsafeRawBufferPointer(start: bytes.utf8Start, count: 5)
            unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: buffer, .quiet), token)
            try bench.driver.wait(blocks: true)
            let ahead = bench.driver.completionAhead(0)
            #expect(ahead?.kind == .quietSend && ahead?.token == token, "before it is returned")
            let completion = bench.driver.nextCompletion()
            #expect(completion?.kind == .quietSend && completion?.result == -EPIPE)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("shows the failure of a quiet send before it is returned", arguments: DriverKind.allCases)
    func showsFailures(kind: DriverKind) throws {
        try perform(ShowsFailures(), on: kind)
    }
}
