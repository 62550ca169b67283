import TestSupport
import Testing

@Suite("The README is correct")
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

    @Test("it has at most 150 lines")
    func length() {
        #expect((50...150).contains(Document.readme.file.lineCount))
    }

    @Test("every make target that a document names exists")
    func makeTargets() {
        #expect(Document.readme.makeTargets.isSuperset(of: ["serve", "test"]))
        for document in Document.pages + Document.articles {
            let missing = document.makeTargets.subtracting(Makefile.ofRepository.targets).sorted()
            #expect(missing == [], "\(document.file.path)")
        }
    }

    @Test("every link to a file has a target", arguments: Document.pages.map(\.file.path))
    func links(path: String) throws {
        let document = try #require(Document.pages.first { $0.file.path == path })
        #expect(document.file.lineCount > 1)
        for target in document.linkedPaths.sorted() {
            #expect(Repository.read(target) != nil, "\(path) links to \(target)")
        }
    }

    @Test("it links to every article of the server's catalog, and so does the catalog's landing page")
    func articles() {
        let folder = "Sources/HyperServe/HyperServe.docc/"
        let landing = Document.article("HyperServe").text
        let names = Document.articles.map(\.file.path).filter { $0.hasPrefix(folder) }
            .map { String($0.dropFirst(folder.count).dropLast(".md".count)) }.filter { $0 != "HyperServe" }
        #expect(names.count >= 10)
        #expect(names.filter { !Document.readme.linkedPaths.contains("\(folder)\($0).md") } == [])
        #expect(names.filter { !landing.contains("<doc:\($0)>") } == [])
    }

    @Test("blocks, targets, links and tables are found")
    func planted() {
        let text = """
            a
            ```swift
            let a = 1

            b()
            ```
            ```
            make no-such
            ```
            run `make such`, make nothing, see [one](One.md), [two](https://example.com)
            | `a` | b c |  |

            """
        let readme = Document(file: SourceFile(path: "A/README.md", text: text))
        #expect(readme.swiftSnippets == [Document.Snippet(path: "A/README.md", line: 2, code: "let a = 1\n\nb()\n")])
        #expect(readme.makeTargets == ["no-such", "such"])
        #expect(readme.linkedPaths == ["A/One.md"])
        #expect(readme.tableRows == [["`a`", "b c", ""]])
    }
}
