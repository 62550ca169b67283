import JSON
import TestSupport
import Testing

@Suite("The JSON encoder and a tree agree for any order of writing")
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

@Suite("The JSON decoder and a plain reader agree")
struct JSONReadingOracleTests {
    @Test("Over texts with bytes changed at random", arguments: 0..<32 as Range<UInt64>)
    func agreement(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = JSONGrammarTests.valid + JSONGrammarTests.invalid.map(\.text)
        let marks = Array(#"{}[]",:\eu0.-"#.utf8)
        for _ in 0..<300 {
            var text = Array(pieces.randomElement(using: &random)!.utf8)
            // Often inside another value.
            if Bool.random(using: &random) {
                let other = Array(pieces.randomElement(using: &random)!.utf8)
                text = Array(#"{"k":["#.utf8) + text + Array(",".utf8) + other + Array("]}".utf8)
            }
            for _ in 0..<Int.random(in: 0..<4, using: &random) where !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = marks.randomElement(using: &random)!
                case 1: text.remove(at: place)
                default: text.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            compare(text)
        }
    }

    private func compare(_ text: [UInt8]) {
        let description = String(decoding: text, as: UTF8.self)
        do {
            #expect(try JSON.decode(JSONTree.self, from: text) == JSONTree(text)?.rounded, "\(description)")
        } catch is JSONSyntaxError {
            let tree = JSONTree(text)
            #expect(tree == nil || tree!.repeatsNames, "\(description)")
        } catch {
            #expect(JSONTree(text)?.overflows == true, "\(description): \(error)")
        }
    }
}
