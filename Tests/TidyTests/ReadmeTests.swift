import TestSupport
import Testing

@Suite("The README tells the truth")
struct ReadmeTests {
    @Test(
        "its Swift compiles against what was built",
        .enabled(if: Toolchain.isOnPath, "the swift tool is not on the PATH"),
        arguments: Document.readme.swiftSnippets)
    func swiftCompiles(_ snippet: Document.Snippet) {
        let check = Toolchain.typecheck(snippet.code, isManifest: snippet.isManifest)
        #expect(check.exitStatus == 0, "\(check.output)")
    }

    @Test(
        "Swift that does not compile is caught",
        .enabled(if: Toolchain.isOnPath, "the swift tool is not on the PATH"),
        arguments: [
            "import HyperServe\nlet a: Int = \"b\"\n",
            "import HyperServe\n_ = Router(unheardOf: 1)\n",
            "// swift-tools-version: 6.2\nimport PackageDescription\nlet package = Package(nam: \"a\")\n",
        ])
    func brokenSwift(code: String) {
        let check = Toolchain.typecheck(code, isManifest: Document.Snippet(path: "", line: 1, code: code).isManifest)
        #expect(check.exitStatus != 0)
        #expect(check.output.contains("error: "), "\(check.output)")
        #expect(!check.output.contains("no such module"), "\(check.output)")
    }

    @Test("it shows how to embed the server and how to depend on it")
    func showsBoth() {
        let snippets = Document.readme.swiftSnippets
        #expect(snippets.contains { $0.isManifest })
        #expect(snippets.contains { $0.code.contains("import HyperServe\n") })
    }

    @Test("every make target that it names exists")
    func makeTargets() {
        let named = Document.readme.makeTargets
        #expect(named.isSuperset(of: ["serve", "test"]))
        #expect(named.subtracting(Makefile.ofRepository.targets).sorted() == [])
    }

    @Test("it lists every limit and timeout of the configuration")
    func limits() throws {
        let path = "Sources/HyperServe/ServerConfiguration.swift"
        let source = SourceFile(path: path, bytes: try #require(Repository.read(path)))
        let names = limitNames(in: source)
        #expect(names.isSuperset(of: ["maximumBodyByteCount", "idleTimeout"]))
        #expect(names.filter { !Document.readme.text.contains("`\($0)`") }.sorted() == [])
    }

    @Test("limits and timeouts are found by their names")
    func plantedLimits() {
        let text = "public var maximumA = 1\npublic var bTimeout: Duration\npublic var host: String\nvar minimumD = 1\n"
        #expect(limitNames(in: SourceFile(path: "a.swift", text: text)) == ["maximumA", "bTimeout"])
    }

    /// Public properties that are called maximum, minimum, timeout or grace.
    private func limitNames(in source: SourceFile) -> Set<String> {
        let tokens = source.tokens.map(\.text)
        let names = tokens.indices.dropFirst(2).filter { tokens[$0 - 2] == "public" && tokens[$0 - 1] == "var" }
            .map { tokens[$0] }
        return Set(
            names.filter { name in
                ["maximum", "minimum"].contains { name.hasPrefix($0) }
                    || ["Timeout", "Grace"].contains { name.hasSuffix($0) }
            })
    }

    @Test("blocks and targets are found")
    func planted() {
        let text = "a\n```swift\nlet a = 1\n\nb()\n```\n```\nmake no-such\n```\nrun `make such`, make nothing\n"
        let readme = Document(file: SourceFile(path: "README.md", text: text))
        #expect(readme.swiftSnippets == [Document.Snippet(path: "README.md", line: 2, code: "let a = 1\n\nb()\n")])
        #expect(readme.makeTargets == ["no-such", "such"])
    }
}
