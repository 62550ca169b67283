import HyperServe
import TestSupport

/// The rule: the decoder finds the same value as a naive parser, and refuses the texts that it refuses.
enum JSONOracle {
    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        // The naive parser recurses, and may continue where the decoder has stopped at its maximum depth.
        guard input.count <= 2 * JSON.maximumDepth else { return nil }
        let expected = JSONTree(input)
        do {
            var found = try JSON.decode(JSONTree.self, from: input)
            // The bug: 1e2 at the end is read as 1.
            if isPlanted, found == .number("100.0"), input.last == UInt8(ascii: "2") { found = .number("1.0") }
            return found == expected?.rounded ? nil : "the decoder finds \(found), a naive parser \(expected as Any)"
        } catch let error as JSONSyntaxError {
            guard (0...input.count).contains(error.byteOffset) else {
                return "an error's offset is out of range: \(error)"
            }
            return expected.map { $0.repeatsNames ? nil : "the decoder refuses \($0): \(error)" } ?? nil
        } catch {
            return expected?.overflows == true ? nil : "the decoder refuses \(expected as Any): \(error)"
        }
    }
}
