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
            bench.driver.receiveBulk(flood, descriptor: flooded.own)
            bench.driver.startReceiving(trickle, descriptor: polite.own)
            var (before, after) = (0, 0)
            var hasComeThrough = false
            for _ in 0..<100 where before + after < byteCount || !hasComeThrough {
                for completion in try bench.turn() where completion.operation == .receive {
                    if completion.token == trickle { hasComeThrough = true }
                    guard completion.token == flood else { continue }
                    if completion.isFinal { bench.driver.receiveBulk(flood, descriptor: flooded.own) }
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

    private struct LosesNothing: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            // More than the driver has large buffers for, whether they wait in the driver or in the kernel.
            let descriptors = try (0..<50).map { slot in
                let pair = try SocketPair(for: KernelDriver.kind)
                bench.driver.receiveBulk(Token(slot: slot, generation: 0), descriptor: pair.own)
                return (own: pair.own, peer: dup(pair.peer))
            }
            defer { for (own:_, peer:peer) in descriptors { close(peer) } }
            for _ in 0..<10 { #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.operation == .timer }) }
            let piece = String(repeating: "x", count: 20_000)
            var received = [Int](repeating: 0, count: descriptors.count)
            for _ in 0..<2 {
                for (own:_, peer:peer) in descriptors {
                    #expect(unsafe Glibc.write(peer, Array(piece.utf8), piece.utf8.count) == piece.utf8.count)
                }
                let target = received[0] + piece.utf8.count
                for _ in 0..<200 where received.contains(where: { $0 < target }) {
                    for completion in try bench.turn() where completion.operation == .receive {
                        let slot = completion.token.slot
                        received[slot] += max(0, Int(completion.result))
                        guard completion.isFinal else { continue }
                        #expect(completion.result > 0 || completion.result == -ENOBUFS)
                        bench.driver.receiveBulk(completion.token, descriptor: descriptors[slot].own)
                    }
                }
                #expect(received.allSatisfy { $0 == target })
            }
            for (slot, pair) in descriptors.enumerated() {
                bench.driver.close(Token(slot: slot, generation: 0), descriptor: pair.own)
            }
        }
    }

    @Test("loses nothing of more floods than it has room for", arguments: DriverKind.allCases)
    func losesNothing(kind: DriverKind) throws {
        try perform(LosesNothing(), on: kind)
    }

    private struct PutsBulkLast: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let (large, small) = (Token(slot: 1, generation: 0), Token(slot: 2, generation: 0))
            let bulk = try SocketPair(for: KernelDriver.kind)
            let polite = try SocketPair(for: KernelDriver.kind)
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 100_000, alignment: 1)
            // In place until the check ends, which is after the last completion.
            defer { unsafe bytes.deallocate() }
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "x"))
            let all = UnsafeRawBufferPointer(bytes)
            unsafe bench.driver.send(large, descriptor: bulk.own, bytes: all, isAwaited: true)
            unsafe bench.driver.send(
                small, descriptor: polite.own, bytes: UnsafeRawBufferPointer(rebasing: all[..<5]), isAwaited: true)
            var seen: [SeenCompletion] = []
            for _ in 0..<20 where seen.count < 3 {
                for send in try bench.turn() where send.operation == .send {
                    seen.append(send)
                    guard send.token == large, seen.count < 3 else { continue }
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: all[Int(send.result)...])
                    unsafe bench.driver.send(large, descriptor: bulk.own, bytes: rest, isAwaited: true)
                }
            }
            #expect(seen.map(\.token) == [small, large, large])
            let atOnce = Int32(BulkQueue.largeSendByteCount)
            #expect(seen.map(\.result) == [5, atOnce, 100_000 - atOnce] && seen.allSatisfy { $0.isFinal })
            #expect(polite.read() == "xxxxx" && bulk.read()?.utf8.count == 100_000)
            bench.driver.close(large, descriptor: bulk.own)
            bench.driver.close(small, descriptor: polite.own)
        }
    }

    private struct HasFewBulks: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let tokens = (0..<6).map { Token(slot: $0, generation: 0) }
            var descriptors: [(own: Int32, peer: Int32)] = []
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: BulkQueue.receiveByteCount)
            defer { for pair in descriptors { _ = Glibc.close(pair.peer) } }
            for token in tokens {
                let pair = try SocketPair(for: KernelDriver.kind)
                descriptors.append((pair.own, dup(pair.peer)))
                #expect(unsafe Glibc.write(pair.peer, piece, piece.count) == piece.count)
                bench.driver.receiveBulk(token, descriptor: pair.own)
            }
            var turns: [[SeenCompletion]] = []
            while turns.joined().count < tokens.count {
                turns.append(try bench.turn().filter { $0.operation == .receive })
                try #require(turns.count < 20)
            }
            #expect(turns.map(\.count) == [1, 1, 1, 1, 1, 1])
            #expect(turns.joined().map(\.token) == tokens)
            #expect(turns.joined().allSatisfy { $0.isFinal && $0.text.utf8.elementsEqual(piece) })
            for token in tokens { bench.driver.close(token, descriptor: descriptors[token.slot].own) }
        }
    }

    @Test("receives from few floods at a time, in the order in which they asked", arguments: DriverKind.allCases)
    func hasFewBulks(kind: DriverKind) throws {
        try perform(HasFewBulks(), on: kind)
    }

    private struct WaitsForAFlood: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let token = Token(slot: 5, generation: 77)
            var pair = try SocketPair(for: KernelDriver.kind)
            bench.driver.receiveBulk(token, descriptor: pair.own)
            for text in ["hello", "world"] {
                // Its turn comes when there is nothing yet.
                #expect(try bench.turn(within: 1_000_000).allSatisfy { $0.operation != .receive })
                pair.write(text)
                let received = try #require(try bench.next(.receive))
                #expect(received.text == text && received.isFinal)
                bench.driver.receiveBulk(token, descriptor: pair.own)
            }
            pair.closePeer()
            let end = try #require(try bench.next(.receive))
            #expect(end.result == 0 && end.isFinal)
            bench.driver.close(token, descriptor: pair.own)
        }
    }

    @Test("receives from a flood as soon as it goes on, up to its end", arguments: DriverKind.allCases)
    func waitsForAFlood(kind: DriverKind) throws {
        try perform(WaitsForAFlood(), on: kind)
    }

    @Test("sends what is small before what is large", arguments: DriverKind.allCases)
    func putsBulkLast(kind: DriverKind) throws {
        try perform(PutsBulkLast(), on: kind)
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
