import Testing

@testable import Reactor

/// The order of bulk operations.
@Suite("Bulk operations")
struct BulkQueueTests {
    private static let tokens = (0..<4).map { Token(slot: $0, generation: 0) }

    private func receive(_ token: Token) -> BulkQueue.Entry {
        BulkQueue.Entry(token: token, direction: .receive)
    }

    /// Returns the slots of the entries taken in one turn.
    private func turn(of queue: inout BulkQueue) -> [Int] {
        var slots: [Int] = []
        queue.beginTurn()
        while let entry = queue.take() {
            slots.append(entry.token.slot)
            queue.spend(Operation.largeReceiveByteCount)
        }
        return slots
    }

    @Test("are taken in the order in which they were appended")
    func order() {
        var queue = BulkQueue()
        for token in Self.tokens { queue.append(receive(token)) }
        #expect((0..<4).map { _ in turn(of: &queue) } == [[0], [1], [2], [3]])
        #expect(queue.isEmpty && turn(of: &queue) == [])
    }

    @Test("of one connection follow each other, sixteen times at most")
    func runs() {
        var queue = BulkQueue()
        for token in Self.tokens.prefix(2) { queue.append(receive(token)) }
        var slots: [Int] = []
        for _ in 0..<64 {
            for slot in turn(of: &queue) {
                slots.append(slot)
                queue.append(receive(Self.tokens[slot]))
            }
        }
        func run(_ slot: Int) -> [Int] { Array(repeating: slot, count: 16) }
        #expect(slots == run(0) + run(1) + run(0) + run(1))
    }

    @Test("of the only connection continue without limit")
    func alone() {
        var queue = BulkQueue()
        for _ in 0..<50 {
            queue.append(receive(Self.tokens[3]))
            #expect(turn(of: &queue) == [3])
        }
    }

    @Test(
        "send as many bytes at once as the client has acknowledged, at least 64 KB and at most 1 MB",
        arguments: [(0, 1), (1, 1), (2, 2), (3, 3), (15, 15), (16, 16), (17, 16), (1000, 16)])
    func portions(takenPieceCount: Int, pieceCount: Int) {
        let response = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 1)
        defer { unsafe response.deallocate() }
        let piece = BulkQueue.largeSendByteCount
        // Allocated until the test ends; only the count is read.
        let portion = unsafe BulkQueue.Entry.portion(
            of: UnsafeRawBufferPointer(response), acknowledged: takenPieceCount * piece)
        #expect(portion.count == pieceCount * piece)
        let rest = unsafe BulkQueue.Entry.portion(
            of: UnsafeRawBufferPointer(rebasing: response.prefix(piece + 5)), acknowledged: takenPieceCount * piece)
        #expect(rest.count == min(pieceCount * piece, piece + 5), "no more bytes than there are")
    }
}
