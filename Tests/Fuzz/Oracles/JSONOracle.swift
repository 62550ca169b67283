import HyperServe
import TestSupport

/// The decoder finds in a text what a plain reader finds, and refuses what that refuses.
enum JSONOracle {
    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        // The reader recurses, and may go on where the decoder has stopped for the depth.
        guard input.count <= 2 * JSON.maximumDepth else { return nil }
        let expected = JSONTree(input)
        do {
            var found = try JSON.decode(JSONTree.self, from: input)
            // The bug: 1e2 is read as 1, if there is no more.
            if isPlanted, found == .number("100.0"), input.last == UInt8(ascii: "2") { found = .number("1.0") }
            return found == expected?.rounded ? nil : "the decoder finds \(found), a plain reader \(expected as Any)"
        } catch let error as JSONSyntaxError {
            guard (0...input.count).contains(error.byteOffset) else { return "an error stands outside: \(error)" }
            return expected.map { $0.repeatsNames ? nil : "the decoder refuses \($0): \(error)" } ?? nil
        } catch {
            return expected?.overflows == true ? nil : "the decoder refuses \(expected as Any): \(error)"
        }
    }
}
