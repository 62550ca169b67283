import HTTPCore
import Routing
import TestSupport
import Testing

@Suite("The tree and a naive matcher agree")
struct OracleTests {
    /// Few and similar, so that patterns overlap and paths match; around the eight bytes that are compared at once.
    static let literals = [
        "", "a", "b", "ab", ".", "..", "1234567", "12345678", "123456789", "a-segment-of-24-bytes-xx",
        "a-segment-of-24-bytes-xy", "a-segment-of-24-bytez-xx", "\u{E9}", "a b", "%", "%2F", "0", "\u{202F}\u{2F2F}",
        "A", "aB", "A-Segment-Of-24-Bytes-XX", "\u{C9}", "@[", "`[", "%41", "a:b", ":a", "*", "a*", "<a>", "x{a}",
    ]
    static let methods: [Method] = [.get, .get, .get, .post, .head, .delete, .options]

    @Test("Over seeded random routes and paths", arguments: 0..<32 as Range<UInt64>)
    func agreement(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let ignoresCase = Bool.random(using: &random)
            var builder = RouteTreeBuilder(ignoresCase: ignoresCase)
            var reference = ReferenceMatcher(ignoresCase: ignoresCase)
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                let method = Self.methods.randomElement(using: &random) ?? .get
                let pattern = Self.pattern(using: &random)
                let isNew = reference.add(method, pattern)
                let route = try? builder.add(method: method, pattern: pattern)
                #expect((route != nil) == isNew, "\(pattern)")
            }
            let routes = builder.build()
            for _ in 0..<20 { check(routes, reference, using: &random) }
        }
    }

    private func check(_ routes: RouteTree, _ reference: ReferenceMatcher, using random: inout SeededGenerator) {
        let path = Self.path(using: &random)
        let method = Self.methods.randomElement(using: &random) ?? .get
        let text = String(decoding: path, as: UTF8.self)
        let match = routes.match(method, path)
        #expect(match == reference.match(method, path), "\(method) \(text)")
        guard let route = match.route else { return }
        let values = reference.values(route: route, path)
        for name in ["p0", "p1", "p2", "p3", "rest"] where !values.contains(where: { $0.name == name }) {
            #expect(routes.range(of: name, route: route, in: path) == nil, "\(name) of \(text)")
        }
        for (name, value) in values {
            let range = routes.range(of: name, route: route, in: path)
            #expect(range.map { Array(path[$0.lowerBound..<$0.upperBound]) } == value, "\(name) of \(text)")
        }
    }

    private static func pattern(using random: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...4, using: &random)
        return (0..<count).map { index in
            switch Int.random(in: 0..<8, using: &random) {
            case 0...2: "/{p\(index)}"
            case 3 where index == count - 1: "/{rest...}"
            default: "/" + (literals.randomElement(using: &random) ?? "")
            }
        }.joined()
    }

    /// A path of literals, now and then with bytes encoded, or with bytes that no pattern has.
    private static func path(using random: inout SeededGenerator) -> [UInt8] {
        var path: [UInt8] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            path.append(UInt8(ascii: "/"))
            for byte in (literals.randomElement(using: &random) ?? "").utf8 {
                switch Int.random(in: 0..<40, using: &random) {
                case 0...2: path += encoded(byte, upper: Bool.random(using: &random))
                case 3: path.append(UInt8.random(in: 0x2E...0x31, using: &random))
                case 4: path.append(UInt8.random(in: 0...255, using: &random))
                default: path.append(byte)
                }
            }
        }
        return path
    }

    private static func encoded(_ byte: UInt8, upper: Bool) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: upper)
        return Array("%\(byte < 16 ? "0" : "")\(digits)".utf8)
    }
}
