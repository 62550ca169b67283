import HTTPCore
import Routing
import TestSupport

/// The rule: the tree finds the route and the parameters that a naive matcher finds.
enum RouteOracle {
    /// Few and similar literals, so that patterns overlap and paths match; with lengths around eight, since the tree
    /// compares eight bytes at once.
    private static let literals = [
        "", "a", "b", "ab", ".", "..", "1234567", "12345678", "123456789", "a-segment-of-24-bytes-xx",
        "a-segment-of-24-bytes-xy", "a-segment-of-24-bytez-xx", "\u{E9}", "a b", "%", "%2F", "0", "\u{202F}\u{2F2F}",
        "A", "aB", "A-Segment-Of-24-Bytes-XX", "\u{C9}", "@[", "`[", "%41", "a:b", ":a", "*", "a*", "<a>", "x{a}",
    ]

    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        var input = FuzzInput(input)
        let selector = input.byte()
        let ignoresCase = selector & 16 == 16
        var builder = RouteTreeBuilder(ignoresCase: ignoresCase)
        var reference = ReferenceMatcher(ignoresCase: ignoresCase)
        for _ in 0..<(selector & 15) {
            let method = method(&input)
            let pattern = pattern(&input)
            let isNew = reference.add(method, pattern)
            let route = try? builder.add(method: method, pattern: pattern)
            if (route != nil) != isNew { return "the tree and the matcher disagree on the pattern \(pattern)" }
        }
        let method = method(&input)
        return difference(builder.build(), reference, method, path(&input), isPlanted)
    }

    private static func difference(
        _ tree: RouteTree, _ reference: ReferenceMatcher, _ method: Method, _ path: [UInt8], _ isPlanted: Bool
    ) -> String? {
        // The bug: an encoded slash is treated as a slash, if its hex digit is lowercase.
        let isDecoded = isPlanted && String(decoding: path, as: UTF8.self).contains("%2f")
        let seen = isDecoded ? Array(String(decoding: path, as: UTF8.self).replacing("%2f", with: "/").utf8) : path
        // A span of `UInt8`, which has no padding.
        let match = unsafe tree.match(
            method: method.number, path: seen.span.bytes,
            pathIsEncoded: tree.ignoresCase || seen.contains(UInt8(ascii: "%")))
        let expected = reference.match(method, path)
        if match != expected { return "\(method) \(path): the tree finds \(match), a naive matcher \(expected)" }
        guard case .found(let route) = match else { return nil }
        let values = reference.values(route: route, path)
        for name in ["p0", "p1", "p2", "p3", "p4", "rest"] where !values.contains(where: { $0.name == name }) {
            let range = unsafe tree.parameter(name, route: route, path: path.span.bytes)
            if range != nil { return "a parameter \(name) at \(path), which the route does not have" }
        }
        for (name, value) in values {
            let range = unsafe tree.parameter(name, route: route, path: path.span.bytes)
            let found = range.map { Array(path[$0.lowerBound..<$0.upperBound]) }
            if found != value { return "\(name) of \(path): \(String(describing: found)), not \(value)" }
        }
        return nil
    }

    private static func method(_ input: inout FuzzInput) -> Method {
        Method.standard[Int(input.byte()) % Method.standard.count]
    }

    /// Returns up to five segments, each chosen by a byte.
    private static func pattern(_ input: inout FuzzInput) -> String {
        var pattern = ""
        for index in 0..<5 {
            let byte = input.byte()
            switch byte {
            case 0 where index > 0: return pattern
            case 1: pattern += "/{p\(index)}"
            case 2: return pattern + "/{rest...}"
            default: pattern += "/" + literals[Int(byte) % literals.count]
            }
        }
        return pattern
    }

    /// Returns a path from the rest of the input, of plain bytes and of bytes that select a literal.
    private static func path(_ input: inout FuzzInput) -> [UInt8] {
        var path = [UInt8(ascii: "/")]
        while !input.isEmpty {
            let byte = input.byte()
            let index = Int(byte) - 0x80
            path += literals.indices.contains(index) ? Array(literals[index].utf8) : [byte]
        }
        return path
    }
}
