import Testing

/// Each rule is tested with text that violates it and with text that only looks so. Forbidden text is composed of
/// halves here, because the rules apply to these tests too.
@Suite("Each rule detects planted violations, and nothing else")
struct RuleTests {
    @Test("300 lines are allowed and 301 are not")
    func fileLength() {
        #expect(lines(LengthRules.fileLength, String(repeating: "\n", count: 300)) == [])
        #expect(lines(LengthRules.fileLength, String(repeating: "\n", count: 301)) == [301])
    }

    @Test("120 columns are allowed and 121 are not, counted in characters")
    func lineLength() {
        let allowed = String(repeating: "é", count: 120)
        #expect(lines(LengthRules.lineLength, "\(allowed)\n\(allowed)x\n") == [2])
    }

    @Test(
        "blanks, tabs and ends of lines",
        arguments: [
            ("a\nb \n", [2]), ("a\t\nb\n", [1, 1]), ("\ta\n", [1]), ("a\r\n", [1]), ("a", [1]), ("a\n\n", [2]),
            ("", [1]), ("a\n\nb\n", []), ("    a\n", []),
        ])
    func whitespace(text: String, expected: [Int]) {
        #expect(lines(TextRules.whitespace, text) == expected)
    }

    @Test("tabs where the format asks for them", arguments: ["Makefile", "a/main.go"])
    func tabs(path: String) {
        #expect(lines(TextRules.whitespace, "a:\n\tb\n", path: path) == [])
        #expect(lines(TextRules.whitespace, "a:\n\tb\t\n", path: path) == [2])
    }

    @Test("marks of unfinished work", arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
    func marks(word: String) {
        #expect(lines(TextRules.unfinishedWork, "a\n// \(word): b\nlet a = \"\(word)\"\n") == [2, 3])
        #expect(lines(TextRules.unfinishedWork, "\(word)S a\(word) \(word)_b \(word.lowercased())\n") == [])
    }

    @Test(
        "tests and paths that do not run",
        arguments: ["@Test(.disabled" + "(\"x\"))", "fatalError(\"not " + "implemented\")"])
    func unfinishedCalls(text: String) {
        #expect(lines(TextRules.unfinishedWork, text) == [1])
    }

    @Test("a placeholder file")
    func places() {
        #expect(lines(TextRules.unfinishedWork, "", path: "Sources/A/place" + "holder.swift") == [1])
    }

    @Test("flags that disable safety", arguments: [".unsafe" + "Flags([])", "-O" + "unchecked"])
    func compilerFlags(text: String) {
        #expect(lines(TextRules.compilerFlags, "a\n\(text)\n", path: "Package.swift") == [2])
        #expect(lines(TextRules.compilerFlags, "-O\nunsafe\nflags\n", path: "Package.swift") == [])
    }

    @Test("paths of one machine", arguments: ["/wo" + "rk/main", "/ro" + "ot/x", "/tmp/" + "bash_jobs"])
    func absolutePaths(path: String) {
        #expect(lines(TextRules.absolutePaths, "a\nb \(path)\n") == [2])
        #expect(lines(TextRules.absolutePaths, "/usr/include /tmp/a network/b\n") == [])
    }

    @Test(
        "imports of Foundation",
        arguments: [
            "import Foundation", "public import FoundationEssentials", "@preconcurrency import Foundation",
            "import struct Foundation.Date", "import FoundationNetworking",
        ])
    func foundation(text: String) {
        #expect(lines(SwiftRules.foundationImports, "import Glibc\n\(text)\n") == [2])
    }

    @Test(
        "text that is not an import of Foundation",
        arguments: ["// import Foundation", "let a = \"import Foundation\"", "import HTTP1"])
    func noFoundation(text: String) {
        #expect(lines(SwiftRules.foundationImports, text) == [])
    }

    @Test(
        "unchecked Sendable without a comment on its protection",
        arguments: [
            ("struct A: @unchecked Sendable {}\n", [1]),
            ("// Only its reactor's thread touches it.\nstruct A: @unchecked Sendable {}\n", []),
            ("struct A: @unchecked Sendable {}  // guarded by `mutex`\n", []),
            ("struct A: @unchecked Sendable {\n  // `mutex` protects it.\n}\n", []),
            ("// `@unchecked Sendable`: one thread has it at a time.\nstruct A: @unchecked Sendable {}\n", []),
            ("// A lock.\n\n\n\nstruct A: @unchecked Sendable {}\n", [5]),
            ("/// A thing that is known.\nstruct A: @unchecked Sendable {}\n", [2]),
            ("let lock = \"locked\"\nstruct A: @unchecked Sendable {}\n", [2]),
            ("// not @unchecked Sendable\nstruct A: Sendable {}\n", []),
        ])
    func uncheckedSendable(text: String, expected: [Int]) {
        #expect(lines(SwiftRules.uncheckedSendable, text) == expected)
    }

    @Test(
        "public declarations without documentation",
        arguments: [
            ("public func f() {}\n", [1]),
            ("/// A.\npublic func f() {}\n", []),
            ("// A.\npublic func f() {}\n", [2]),
            ("/// A.\n\npublic func f() {}\n", [3]),
            ("/// A.\n@inlinable\n@available(*, deprecated)\npublic static func f() {}\n", []),
            ("@inlinable\npublic static func f() {}\n", [1]),
            ("/// A.\n// swift-format-ignore\npublic func f() {}\n", []),
            ("/// A.\npublic struct A {\n  public var a: Int\n  var b: Int\n  public init() {}\n}\n", [3, 5]),
            ("/// A.\npublic struct A {\n  public private(set) var a: Int\n}\n", [3]),
            ("/// A.\npublic enum A {\n  case a\n  /// B.\n  case b, c\n}\n", [3]),
            ("/// A.\npublic enum A {\n  /// A.\n  case a\n  func f() { switch self { case .a: g() } }\n}\n", []),
            ("/// A.\npublic protocol A {\n  func f()\n  /// B.\n  var b: Int { get }\n}\n", [3]),
            ("public extension A {\n  func f() {}\n  /// B.\n  func g() {}\n}\n", [2]),
            ("extension A {\n  func f() {}\n}\n", []),
            ("enum A {\n  case a\n}\nprotocol B {\n  func f()\n}\n", []),
            ("public import HTTP1\npackage func f() {}\n", []),
            ("open class A {}\n", [1]),
            ("func f() { open(path, 1) }\n", []),
        ])
    func documentation(text: String, expected: [Int]) {
        #expect(lines(SwiftRules.documentation, text) == expected)
    }

    /// The lines where `rule` finds something.
    private func lines(_ rule: (SourceFile) -> [Violation], _ text: String, path: String = "a.swift") -> [Int] {
        rule(SourceFile(path: path, text: text)).map(\.line)
    }
}
