import LockFreeTestSupport
import Testing

/// The check itself, on histories whose verdict is obvious.
@Suite("The linearizability check")
struct LinearizationTests {
    static func event(_ operation: hs_operation, _ value: UInt64?, _ begins: UInt32, _ ends: UInt32) -> hs_event {
        hs_event(
            operation: operation,
            outcome: value == nil ? HS_REFUSED : HS_DONE,
            value: value ?? 0,
            begins: begins,
            ends: ends
        )
    }

    static func accepts(_ history: [hs_event]) -> Bool {
        var linearization = Linearization(of: history, model: QueueModel(capacity: 2))
        return linearization.exists()
    }

    @Test("accepts operations one after the other")
    func sequence() {
        #expect(
            Self.accepts([Self.event(HS_PUSH, 1, 0, 1), Self.event(HS_POP, 1, 2, 3), Self.event(HS_POP, nil, 4, 5)]))
    }

    @Test("accepts either order of overlapping operations")
    func overlap() {
        for first: UInt64 in [1, 2] {
            #expect(
                Self.accepts([
                    Self.event(HS_PUSH, 1, 0, 3), Self.event(HS_PUSH, 2, 1, 2),
                    Self.event(HS_POP, first, 4, 5), Self.event(HS_POP, 3 - first, 6, 7),
                ]))
        }
    }

    @Test("rejects a value that came out twice, or from nowhere, or out of order, or not at all")
    func nonsense() {
        let push = Self.event(HS_PUSH, 1, 0, 1)
        #expect(!Self.accepts([push, Self.event(HS_POP, 1, 2, 5), Self.event(HS_POP, 1, 3, 4)]))
        #expect(!Self.accepts([push, Self.event(HS_POP, 9, 2, 3)]))
        #expect(!Self.accepts([push, Self.event(HS_PUSH, 2, 2, 3), Self.event(HS_POP, 2, 4, 5)]))
        #expect(!Self.accepts([push, Self.event(HS_POP, nil, 2, 3)]))
        #expect(!Self.accepts([Self.event(HS_POP, 1, 0, 1), Self.event(HS_PUSH, 1, 2, 3)]))
    }

    @Test("accepts a queue that is full early only while another operation holds a node")
    func full() {
        let push = Self.event(HS_PUSH, 1, 0, 1)
        #expect(!Self.accepts([push, Self.event(HS_PUSH, nil, 2, 3)]))
        #expect(Self.accepts([push, Self.event(HS_PUSH, nil, 2, 5), Self.event(HS_PUSH, 2, 3, 4)]))
    }
}
