import HTTPCore
import Testing

@testable import Reactor

@Suite("Connection table")
struct ConnectionTableTests {
    private let listener = ReactorListener(application: ScriptedApplication())

    /// Returns the descriptor of the token's connection, or nil if the token is stale.
    private func descriptor(_ table: borrowing ConnectionTable, _ token: Token) -> Int32? {
        guard let connection = unsafe table.find(token) else { return nil }
        return unsafe connection.pointee.transport.descriptor
    }

    private func insert(_ table: inout ConnectionTable, _ descriptor: Int32) -> Token {
        table.insert(descriptor: descriptor, headLimits: HeadLimits(), listener: listener)
    }

    @Test("Each connection is found under its token")
    func find() {
        var table = ConnectionTable()
        let tokens = (0..<1000).map { insert(&table, $0) }
        #expect(table.count == 1000)
        #expect(Set(tokens.map(\.slot)).count == 1000)
        for (number, token) in tokens.enumerated() { #expect(descriptor(table, token) == Int32(number)) }
    }

    @Test("A slot is in use from a connection's insertion to its removal")
    func slotsInUse() {
        var table = ConnectionTable()
        #expect(table.slotsInUse == 0)
        let tokens = (0..<100).map { insert(&table, $0) }
        #expect(table.slotsInUse == 100)
        for token in tokens.dropFirst() { table.remove(token) }
        #expect(table.slotsInUse == 1, "the one that was not removed")
        table.remove(tokens[1])
        #expect(table.slotsInUse == 1, "a stale token frees nothing")
        table.remove(tokens[0])
        #expect(table.slotsInUse == 0)
    }

    @Test("A connection keeps its address while others are inserted and removed")
    func stablePlaces() {
        var table = ConnectionTable()
        let token = insert(&table, 1)
        let place = unsafe table.find(token)
        let others = (0..<500).map { insert(&table, $0) }
        for other in others { table.remove(other) }
        let isInPlace = unsafe place != nil && table.find(token) == place
        #expect(isInPlace)
    }

    @Test("A removed connection is not found, even after its slot was reused")
    func stale() {
        var table = ConnectionTable()
        let first = insert(&table, 10)
        table.remove(first)
        #expect(descriptor(table, first) == nil)
        let second = insert(&table, 11)
        #expect(second.slot == first.slot, "the slot freed last is reused first")
        #expect(second.generation != first.generation)
        #expect(descriptor(table, first) == nil)
        #expect(descriptor(table, second) == 11)
        table.remove(first)
        #expect(descriptor(table, second) == 11, "a stale token removes nothing")
        #expect(table.count == 1)
    }

    @Test("Tokens of slots that never existed are stale")
    func unknown() {
        let table = ConnectionTable()
        #expect(descriptor(table, Token(slot: 0, generation: 0)) == nil)
        #expect(descriptor(table, Token(slot: 1_000_000, generation: 3)) == nil)
    }

    @Test("Free slots are reused before new ones are added")
    func reuse() {
        var table = ConnectionTable()
        for round in 0..<100 {
            let tokens = (0..<40).map { insert(&table, Int32(round * 40 + $0)) }
            for token in tokens { table.remove(token) }
        }
        #expect(table.count == 0)
        #expect(table.slotCount <= 64)
        for slot in 0..<table.slotCount {
            let isEmpty = unsafe table.occupant(of: slot) == nil
            #expect(isEmpty)
        }
    }
}
