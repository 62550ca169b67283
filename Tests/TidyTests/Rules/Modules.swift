/// The allowed imports of each module.
enum Modules {
    /// The modules of the package and what each may import. Not all of them have to exist.
    static let allowed: [String: Set<String>] = [
        // C.
        "CHTTPScan": [], "CLiburing": [], "CLockFree": [], "CPlatform": [], "CZlib": [],
        "CHyperURing": ["CLiburing"],
        // Swift; each builds without those after it.
        "Platform": ["CLockFree", "CPlatform"],
        "ThreadPool": ["Platform"],
        "HTTPCore": ["CHTTPScan"],
        "HTTP1": ["CHTTPScan", "HTTPCore"],
        "HTTP2": ["HTTPCore"],
        "WebSocket": ["HTTPCore"],
        "TLS": ["HTTPCore"],
        "Routing": ["HTTPCore"],
        "JSON": ["CPlatform", "HTTPCore"],
        "Reactor": [
            "CHyperURing", "CLiburing", "CPlatform", "HTTP1", "HTTP2", "HTTPCore", "Platform", "ThreadPool", "TLS",
            "WebSocket",
        ],
        "HyperServe": [
            "CZlib", "HTTP2", "HTTPCore", "JSON", "Platform", "Reactor", "Routing", "ThreadPool", "TLS", "WebSocket",
        ],
        "HyperServeFoundation": ["HTTPCore", "HyperServe", "JSON"],
        "HyperServeTesting": ["HTTPCore", "HyperServe", "Platform", "Reactor", "ThreadPool"],
        // The folder, and its target.
        "Demo": ["HyperServe"], "HyperServeDemo": ["HyperServe"],
    ]

    /// The modules of Swift and the system.
    static let system: Set<String> = ["Glibc", "Synchronization"]

    /// The only module that may import Foundation, in whole or in part.
    static let foundationModule = "HyperServeFoundation"

    /// The imports of a file under `Sources` that its module may not have.
    static func forbiddenImports(
        _ file: SourceFile, allowed: [String: Set<String>] = Modules.allowed
    ) -> [Violation] {
        let folders = file.path.split(separator: "/")
        guard folders.count > 2, folders[0] == "Sources", let arrows = allowed[String(folders[1])] else {
            return [file.violation(1, "belongs to no known module")]
        }
        let foundation: Set = folders[1] == foundationModule ? ["Foundation", "FoundationEssentials"] : []
        let known = arrows.union(system).union(foundation)
        return imports(in: file).filter { !known.contains($0.text) }
            .map { file.violation($0.line, "\(folders[1]) imports \($0.text)") }
    }

    /// The modules that make system calls.
    private static let systemModules: Set<String> = ["Platform", "Reactor"]
    /// The files of other modules that use the C library, and for what. Only the demo makes system calls there: it is a
    /// program of its own.
    static let libraryFiles: [String: String] = [
        "Sources/Demo/Routes.swift": "usleep", "Sources/Demo/main.swift": "exit, signal, write",
        "Sources/HTTP1/Responses/ByteBuffer+ResponseHead.swift": "memcpy",
        "Sources/HTTPCore/Bytes/ByteBuffer.swift": "malloc, realloc, free",
        "Sources/HyperServe/Forms/Multipart/MultipartParser.swift": "memchr",
        "Sources/HyperServeTesting/Memory/MemoryDriver+Operations.swift": "errno values, as the kernel's",
        "Sources/HyperServeTesting/Memory/MemoryDriver.swift": "errno values, as the kernel's",
        "Sources/JSON/Writing/JSONValueEncoder+Thread.swift": "values of a thread",
        "Sources/ThreadPool/Workers/CurrentWorker.swift": "values of a thread",
    ]

    /// The imports of the C library in a file that may not use it. All system calls are its functions.
    static func libraryImports(_ file: SourceFile) -> [Violation] {
        let module = file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        guard !systemModules.contains(module), libraryFiles[file.path] == nil else { return [] }
        return imports(in: file).filter { $0.text == "Glibc" }
            .map { file.violation($0.line, "\(module) imports Glibc, which is for Platform and Reactor") }
    }

    /// The modules of protocols, and the only folders of `Reactor` that know which protocol is spoken.
    private static let protocols: Set<String> = ["HTTP1", "HTTP2", "WebSocket"]
    private static let protocolFolders: Set<String> = ["Encoding", "Protocols"]

    /// The imports of a protocol's module in a file of `Reactor` that is the same for all protocols.
    static func protocolImports(_ file: SourceFile) -> [Violation] {
        let folders = file.path.split(separator: "/").map(String.init)
        guard folders.starts(with: ["Sources", "Reactor"]), !protocolFolders.contains(folders[2]) else { return [] }
        return imports(in: file).filter { protocols.contains($0.text) }
            .map { file.violation($0.line, "\(folders[2]) imports \($0.text)") }
    }

    /// The modules that a file imports, whole or in part.
    static func imports(in file: SourceFile) -> [Token] {
        let kinds = ["actor", "class", "enum", "func", "let", "protocol", "struct", "typealias", "var"]
        let tokens = file.tokens
        return tokens.indices.dropLast().compactMap { index in
            guard tokens[index].text == "import" else { return nil }
            let isPart = kinds.contains(tokens[index + 1].text) && index + 2 < tokens.count
            return tokens[index + (isPart ? 2 : 1)]
        }
    }
}
