import Testing

@Suite("The project keeps its conventions")
struct RepositoryTests {
    @Test("the tree was found")
    func findsTheTree() {
        let paths = Set(Repository.files.map(\.path))
        let known: Set = [
            "Package.swift", "Makefile", "README.md", ".ci/run", "Tests/TidyTests/Rules/RepositoryTests.swift",
        ]
        #expect(known.subtracting(paths) == [])
        #expect(Repository.sources(under: "CSupport").contains { $0.language == .c })
    }

    @Test("no source has more than 300 lines")
    func fileLengths() {
        expectNone(of: LengthRules.fileLength, in: sources)
    }

    @Test("no function has more than 70 lines")
    func functionLengths() {
        expectNone(of: LengthRules.functionLength, in: sources)
    }

    @Test("no line has more than 120 columns")
    func lineLengths() {
        expectNone(of: LengthRules.lineLength, in: Repository.files.filter { !$0.path.hasSuffix(".md") })
    }

    @Test("nothing under Sources imports Foundation, but the module that is for it")
    func foundation() {
        let folder = "Sources/\(Modules.foundationModule)/"
        let files = Repository.sources(under: "Sources")
        #expect(files.contains { $0.path.hasPrefix(folder) })
        expectNone(of: SwiftRules.foundationImports, in: files.filter { !$0.path.hasPrefix(folder) })
    }

    @Test("no compiler flag disables safety")
    func compilerFlags() {
        expectNone(of: TextRules.compilerFlags, in: Repository.files)
    }

    @Test("nothing is marked as unfinished, and no test is disabled")
    func unfinishedWork() {
        expectNone(of: TextRules.unfinishedWork, in: Repository.files)
    }

    @Test("white space is clean")
    func whitespace() {
        expectNone(of: TextRules.whitespace, in: Repository.files)
    }

    @Test("no path is specific to one machine")
    func absolutePaths() {
        expectNone(of: TextRules.absolutePaths, in: Repository.files)
    }

    @Test("every unchecked Sendable says what protects it")
    func uncheckedSendable() {
        expectNone(of: SwiftRules.uncheckedSendable, in: sources.filter { $0.language == .swift })
    }

    @Test("every public declaration of the products, and of their exports, is documented")
    func documentation() {
        expectNone(
            of: SwiftRules.documentation,
            in: Repository.sources(
                under: "Sources/HyperServe", "Sources/HyperServeFoundation", "Sources/HyperServeTesting",
                "Sources/ThreadPool", "Sources/HTTPCore",
                "Sources/JSON"))
    }

    private var sources: [SourceFile] {
        Repository.sources(under: "Sources", "CSupport", "Tests", "Benchmarks", "Examples")
    }

    private func expectNone(of rule: (SourceFile) -> [Violation], in files: [SourceFile]) {
        #expect(!files.isEmpty)
        let violations = files.flatMap(rule)
        #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }
}
