import CPlatform
import Glibc
import Testing

@testable import Reactor

/// Who has to wait, and for whom.
@Suite("Bulk operations")
struct BulkQueueTests {
    private static let tokens = (0..<4).map { Token(slot: $0, generation: 0) }

    /// The slots of those whose turn it is.
    private func turn(of queue: inout BulkQueue) -> [Int] {
        var slots: [Int] = []
        queue.beginTurn()
        while let operation = queue.take() { slots.append(operation.token.slot) }
        return slots
    }

    @Test("have their turns in the order in which they were asked for")
    func order() {
        var queue = BulkQueue()
        for token in Self.tokens { queue.receive(token, descriptor: -1) }
        #expect((0..<4).map { _ in turn(of: &queue) } == [[0], [1], [2], [3]])
        #expect(queue.isEmpty && turn(of: &queue) == [])
    }

    @Test("of one connection come one behind the other, sixteen times")
    func runs() {
        var queue = BulkQueue()
        for token in Self.tokens.prefix(2) { queue.receive(token, descriptor: -1) }
        var slots: [Int] = []
        for _ in 0..<64 {
            for slot in turn(of: &queue) {
                slots.append(slot)
                queue.receive(Self.tokens[slot], descriptor: -1)
            }
        }
        func run(_ slot: Int) -> [Int] { Array(repeating: slot, count: 16) }
        #expect(slots == run(0) + run(1) + run(0) + run(1))
    }

    @Test("of a connection that is alone go on")
    func alone() {
        var queue = BulkQueue()
        for _ in 0..<50 {
            queue.receive(Self.tokens[3], descriptor: -1)
            #expect(turn(of: &queue) == [3])
        }
    }

    @Test("send at once what the client has taken so far, at least 64 KB")
    func slowStart() throws {
        let pair = try SocketPair.connected(for: .epoll)
        defer { _ = Glibc.close(pair.own) }
        let answer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 1)
        defer { unsafe answer.deallocate() }
        unsafe answer.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "x"))
        var queue = BulkQueue()
        var pieces: [Int] = []
        for _ in 0..<6 {
            // Allocated until the test ends.
            unsafe queue.send(
                Self.tokens[0], descriptor: pair.own, bytes: UnsafeRawBufferPointer(answer))
            queue.beginTurn()
            let taken = queue.take()
            let operation = try #require(taken)
            var unsent = unsafe operation.bytes!
            pieces.append(unsent.count)
            // The client takes all of it.
            while unsafe !unsent.isEmpty || hs_acknowledged_byte_count(pair.own) < UInt64(pieces.reduce(0, +)) {
                let count = unsafe Glibc.send(pair.own, unsent.baseAddress, unsent.count, Int32(MSG_NOSIGNAL))
                if count > 0 { unsafe unsent = UnsafeRawBufferPointer(rebasing: unsent.dropFirst(count)) }
                _ = pair.read()
            }
        }
        let piece = BulkQueue.largeSendByteCount
        #expect(pieces == [piece, piece, 2 * piece, 4 * piece, 8 * piece, 16 * piece])
        // One that takes nothing gets no more for it.
        let other = try SocketPair.connected(for: .epoll)
        defer { _ = Glibc.close(other.own) }
        unsafe queue.send(Self.tokens[1], descriptor: other.own, bytes: UnsafeRawBufferPointer(answer))
        queue.beginTurn()
        let taken = queue.take()
        let first = try #require(taken)
        #expect(unsafe first.bytes!.count == piece)
    }
}
