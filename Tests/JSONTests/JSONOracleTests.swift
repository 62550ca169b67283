import JSON
import TestSupport
import Testing

@Suite("The JSON encoder and a tree agree, whatever the order of writing")
struct JSONOracleTests {
    @Test("Over seeded random use of containers", arguments: 0..<64 as Range<UInt64>)
    func agreement(seed: UInt64) throws {
        let encoder = JSONValueEncoder()
        for round in 0..<40 {
            let scribe = JSONScribe(seed: seed << 32 | UInt64(round))
            let text = try encoder.text(of: scribe)
            #expect(JSONTree(text) == scribe.root.tree, "\(text)")
        }
    }
}
