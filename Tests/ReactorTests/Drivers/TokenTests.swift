import Testing

@testable import Reactor

@Suite("Token")
struct TokenTests {
    static let kinds: [Operation.Kind] = [.accept, .receive, .send, .quietSend, .wake, .message, .timer, .ignored]

    @Test("Kind, generation and slot survive packing and unpacking", arguments: kinds)
    func roundTrip(kind: Operation.Kind) {
        for slot in [0, 1, 63, 64, 65_535, 1 << 20, Int(UInt32.max)] {
            for generation: UInt32 in [0, 1, 0x12_3456, 0xFF_FFFF] {
                let token = Token(slot: slot, generation: generation)
                let unpacked = Token.unpack(token.packed(kind))
                #expect(unpacked.kind == kind)
                #expect(unpacked.token == token)
            }
        }
    }

    @Test("The layout is operation, generation, slot")
    func layout() {
        #expect(Token(slot: 0x89AB_CDEF, generation: 0x12_3456).packed(.send) == 0x0312_3456_89AB_CDEF)
    }

    @Test("Generations are counted modulo 2^24")
    func generations() {
        #expect(Token(slot: 1, generation: 0x0100_0005) == Token(slot: 1, generation: 5))
        #expect(Token(slot: 1, generation: 4) != Token(slot: 1, generation: 5))
    }

    @Test("An unknown kind is recognised", arguments: [UInt64(0), 0xFF << 56])
    func unknownOperation(userData: UInt64) {
        #expect(Token.unpack(userData).kind == nil)
    }
}
