import TestSupport
import Testing

@Suite("The articles of the documentation are correct")
struct ArticleTests {
    @Test(
        "their Swift compiles against what was built",
        .enabled(if: Toolchain.isOnPath, "the swift tool is not on the PATH"),
        arguments: Document.articles.flatMap(\.swiftSnippets))
    func swiftCompiles(_ snippet: Document.Snippet) throws {
        let article = try #require(Document.articles.first { $0.file.path == snippet.path })
        let check = Toolchain.typecheck(article.program(of: snippet), isManifest: snippet.isManifest)
        #expect(check.exitStatus == 0, "\(check.output)")
    }

    @Test("every link in them has a target", .enabled(if: Toolchain.hasDocC, "the docc tool is not on the PATH"))
    func links() {
        let check = Command(".ci/document", BuildDirectory.path, "\(BuildDirectory.path)/documentation")
        #expect(check.exitStatus == 0, "\(check.output)")
    }

    @Test(
        "each library has a catalog with a landing page",
        arguments: ["HyperServe", "HyperServeFoundation", "HyperServeTesting", "ThreadPool"])
    func catalogs(library: String) {
        let page = Document.articles.first { $0.file.path == "Sources/\(library)/\(library).docc/\(library).md" }
        #expect(page?.text.hasPrefix("# ``\(library)``\n") == true)
    }

    @Test("a file of the text's own module replaces its import")
    func modules() {
        let blocks = [
            "// Sources/A/One.swift\nimport HyperServe\nfunc one() {}\n",
            "// Sources/A/Two.swift\nfunc two() { one() }\n",
            "// Sources/A/One.swift\nimport HyperServe\nfunc one() -> Int { 1 }\n",
            "import HyperServe\n@testable import A\none()\n",
            "import HyperServe\nprint(1)\n",
        ]
        let text = blocks.map { "```swift\n\($0)```\n" }.joined(separator: "\n")
        let document = Document(file: SourceFile(path: "a.md", text: text))
        let programs = document.swiftSnippets.map { document.program(of: $0) }
        #expect(programs[0] == blocks[0])
        #expect(programs[1] == blocks[0] + "\n" + blocks[1])
        #expect(programs[3] == blocks[2] + "\n" + blocks[1] + "\nimport HyperServe\none()\n")
        #expect(programs[4] == blocks[4])
    }
}
