import Testing

@Suite("Modules import only those below them")
struct ModuleTests {
    private static let manifest = Manifest(
        SourceFile(path: "Package.swift", bytes: Repository.read("Package.swift") ?? []))

    @Test("no target depends on one that it may not import")
    func targets() {
        let targets = Self.manifest.targets
        #expect(
            Set(targets.map(\.name)).isSuperset(of: [
                "CHyperURing", "CZlib", "HTTPCore", "HyperServe", "HyperServeDemo",
            ]))
        #expect(targets.first { $0.name == "JSON" }?.dependencies == ["CPlatform", "HTTPCore"])
        #expect(Self.manifest.violations().map(\.description) == [])
    }

    @Test("no source imports what its module may not import, or what its target does not depend on")
    func imports() {
        let files = Repository.sources(under: "Sources").filter { $0.language == .swift }
        #expect(Set(files.flatMap(Modules.imports).map(\.text)).isSuperset(of: ["HTTPCore", "Glibc", "CLockFree"]))
        #expect(files.flatMap { Modules.forbiddenImports($0) }.map(\.description) == [])
        // The only target whose name differs from its folder.
        let folders = Self.manifest.targets.map { ($0.name == "HyperServeDemo" ? "Demo" : $0.name, $0.dependencies) }
        let declared = Dictionary(folders) { $0.union($1) }
        #expect(files.flatMap { Modules.forbiddenImports($0, allowed: declared) }.map(\.description) == [])
    }

    @Test(
        "an import that is not allowed is caught",
        arguments: [
            ("import HTTPCore\nimport Reactor\n", [2]), ("public import HTTP1\n", [1]),
            ("@_exported public import struct HyperServe.Request\n", [1]), ("@testable import JSON\n", [1]),
            ("import Glibc\nimport Synchronization\npackage import HTTPCore\n", []),
            ("import enum HTTPCore.Method\n", []), ("// import Reactor\nlet a = \"import Reactor\"\n", []),
        ])
    func plantedImports(text: String, lines: [Int]) {
        let file = SourceFile(path: "Sources/Routing/Folder/A.swift", text: text)
        #expect(Modules.forbiddenImports(file).map(\.line) == lines)
    }

    @Test("only Platform and Reactor import the C library, and the files that are named with what they need of it")
    func libraryImports() {
        let files = Repository.sources(under: "Sources").filter { $0.language == .swift }
        #expect(files.flatMap(Modules.libraryImports).map(\.description) == [])
        // No name is left of a file that has changed.
        let users = files.filter { Modules.imports(in: $0).contains { $0.text == "Glibc" } }
        #expect(Set(users.map(\.path)).isSuperset(of: Modules.libraryFiles.keys))
    }

    @Test(
        "an import of the C library in another module is caught",
        arguments: [
            ("Sources/HyperServe/Forms/A.swift", [2]), ("Sources/ThreadPool/A.swift", [2]),
            ("Sources/Platform/System/A.swift", []), ("Sources/Reactor/Drivers/A.swift", []),
        ])
    func plantedLibraryImports(path: String, lines: [Int]) {
        let file = SourceFile(path: path, text: "import HTTPCore\nimport Glibc\n// import Glibc\n")
        #expect(Modules.libraryImports(file).map(\.line) == lines)
    }

    @Test("Foundation is imported by the module that is for it, and by no other")
    func foundation() {
        let text = "import FoundationEssentials\nimport Foundation\nimport FoundationNetworking\n"
        let allowed = SourceFile(path: "Sources/HyperServeFoundation/A.swift", text: text)
        #expect(Modules.forbiddenImports(allowed).map(\.line) == [3])
        let others = SourceFile(path: "Sources/HyperServe/Forms/A.swift", text: text)
        #expect(Modules.forbiddenImports(others).map(\.line) == [1, 2, 3])
    }

    @Test("no product but one depends on the module that imports Foundation")
    func foundationModule() {
        let dependents = Self.manifest.targets.filter { $0.dependencies.contains(Modules.foundationModule) }
        #expect(dependents.map(\.name) == [])
        #expect(Self.manifest.targets.contains { $0.name == Modules.foundationModule })
    }

    @Test("only the protocols of a reactor, and what encodes in them, know which protocol is spoken")
    func protocolImports() {
        let files = Repository.sources(under: "Sources/Reactor").filter { $0.language == .swift }
        #expect(files.contains { Modules.imports(in: $0).contains { $0.text == "HTTP1" } })
        #expect(files.flatMap(Modules.protocolImports).map(\.description) == [])
    }

    @Test("an import of a protocol in another folder is caught", arguments: [("Exchanges", [2]), ("Protocols", [])])
    func plantedProtocolImports(folder: String, lines: [Int]) {
        let file = SourceFile(path: "Sources/Reactor/\(folder)/A.swift", text: "import HTTPCore\nimport HTTP1\n")
        #expect(Modules.protocolImports(file).map(\.line) == lines)
    }

    @Test("no folder of the reactor uses a type of a later one")
    func folders() throws {
        let readme = try #require(Repository.read("Sources/Reactor/README.md"))
        let order = Folders.listed(in: String(decoding: readme, as: UTF8.self))
        let files = Repository.sources(under: "Sources/Reactor").filter { $0.language == .swift }
        #expect(order.first == "Drivers" && order.last == "Threads" && files.count > 40)
        #expect(Folders.violations(in: files, order: order).map(\.description) == [])
        #expect(Folders.exceptions.allSatisfy { name in files.contains { $0.path.hasSuffix("/\(name).swift") } })
    }

    @Test("a use of a later folder's type is caught")
    func plantedFolders() {
        let texts = [
            "A/1.swift": "struct First { struct Kind {} }\nfunc f(_ second: Second) {}\n",
            "B/2.swift": "final class Second { enum Kind {} }\n// Third\nlet first = First.Kind()\n",
            "C/3.swift": "enum Third {}\n", "D/4.swift": "",
        ]
        let files = texts.sorted { $0.key < $1.key }.map { SourceFile(path: $0.key, text: $0.value) }
        let violations = Folders.violations(in: files, order: ["A", "B", "C"])
        #expect(violations.map(\.description) == ["A/1.swift:2: A uses Second of B", "D/4.swift:1: D is not listed"])
    }

    @Test("a file outside of all modules is caught", arguments: ["Sources/Unknown/A.swift", "Sources/A.swift"])
    func plantedFiles(path: String) {
        #expect(Modules.forbiddenImports(SourceFile(path: path, text: "let a = 1\n")).count == 1)
    }

    @Test("a dependency that is not allowed is caught")
    func plantedDependencies() {
        let text = """
            let other = Target.Dependency.target(name: "Reactor", condition: .when(traits: ["A"]))
            let package = Package(targets: [
                // .target(name: "HTTPCore", dependencies: ["JSON"]),
                .systemLibrary(name: "CLiburing", path: "CSupport/CLiburing", providers: [.apt(["liburing-dev"])]),
                .target(name: "HTTPCore", dependencies: ["CHTTPScan"], swiftSettings: strict),
                .target(
                    name: "Routing",
                    dependencies: ["HTTPCore", "HTTP1", other],
                    swiftSettings: strict
                ),
                .executableTarget(name: "Unheard", dependencies: []),
                .target(name: "TestSupport", dependencies: ["Reactor"], path: "Tests/TestSupport"),
                .testTarget(name: "JSONTests", dependencies: ["Reactor"]),
            ])

            """
        let violations = Manifest(SourceFile(path: "Package.swift", text: text)).violations()
        #expect(
            violations.map(\.description) == [
                "Package.swift:6: Routing depends on HTTP1", "Package.swift:6: Routing depends on Reactor",
                "Package.swift:11: Unheard is not known",
            ])
    }

    @Test("no two paths differ only by case")
    func paths() {
        #expect(Repository.paths.contains("Sources/HTTPCore/Heads/Method.swift"))
        #expect(PathRules.twins(in: Repository.paths) == [])
    }

    @Test("paths, and folders of paths, that differ only by case are caught")
    func plantedPaths() {
        #expect(PathRules.twins(in: ["A/b.swift", "A/B.swift", "A/c.swift"]) == ["A/B.swift, A/b.swift"])
        #expect(PathRules.twins(in: ["Sources/Server/A.swift", "Sources/server/main.swift"]).count == 1)
        #expect(PathRules.twins(in: ["A/b.swift", "A/b/c.swift", "B/b.swift"]) == [])
    }
}
