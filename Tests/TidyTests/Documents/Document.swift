import Testing

/// A document and its parts, such as code that can be compiled.
///
/// A block of Swift is a complete program, a manifest, or a file of a module that the text builds up: then its first
/// line is a comment with the path, as in `// Sources/Greeter/Routes.swift`.
struct Document {
    struct Snippet: Equatable, CustomTestStringConvertible {
        /// The path of the document.
        var path: String
        /// The line of the fence that opens it, counted from 1.
        var line: Int
        var code: String
        var testDescription: String { "the block at line \(line) of \(path)" }

        /// Whether it is a package's manifest, for which other modules are available than for a program.
        var isManifest: Bool { code.hasPrefix("// swift-tools-version") }

        /// The path and the module's name if it is a file of a module.
        var place: (file: String, module: String)? {
            let line = code.prefix { $0 != "\n" }
            let parts = line.split(separator: "/")
            guard line.hasPrefix("// Sources/"), parts.count == 3 else { return nil }
            return (String(line), String(parts[1]))
        }
    }

    let file: SourceFile

    static let readme = page("README.md")

    /// The documents outside of the catalogs.
    static let pages =
        [readme] + ["CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md", "Examples/README.md"].map(page)

    /// The articles of the documentation catalogs.
    static let articles = Repository.files.filter { $0.path.hasSuffix(".md") && $0.path.contains(".docc/") }
        .map { Document(file: $0) }

    /// An article of the server's catalog, such as "RunningAServer".
    static func article(_ name: String) -> Document { page("Sources/HyperServe/HyperServe.docc/\(name).md") }

    private static func page(_ path: String) -> Document {
        Document(file: SourceFile(path: path, bytes: Repository.read(path) ?? []))
    }

    var text: String { String(decoding: file.bytes, as: UTF8.self) }

    /// The blocks fenced as Swift.
    var swiftSnippets: [Snippet] {
        var snippets: [Snippet] = []
        var open: Snippet?
        for number in 1..<file.lineCount + 1 {
            let line = file.line(number)
            if var snippet = open {
                if line == "```" {
                    snippets.append(snippet)
                    open = nil
                } else {
                    snippet.code += line + "\n"
                    open = snippet
                }
            } else if line == "```swift" {
                open = Snippet(path: file.path, line: number, code: "")
            }
        }
        return snippets
    }

    /// A snippet as one program: with the files of its own module and of those that it imports, as the text has shown
    /// them up to here.
    func program(of snippet: Snippet) -> String {
        var files: [String: Snippet] = [:]
        for earlier in swiftSnippets where earlier.line < snippet.line {
            if let place = earlier.place { files[place.file] = earlier }
        }
        if let place = snippet.place { files[place.file] = nil }
        let own = snippet.code.split(separator: "\n", omittingEmptySubsequences: false)
        var needed: [String] = []
        for file in files.keys.sorted() {
            guard let part = files[file], let module = part.place?.module else { continue }
            let isImported = own.contains { $0.split(separator: " ").suffix(2) == ["import", module[...]] }
            if isImported || module == snippet.place?.module { needed.append(part.code) }
        }
        let modules = Set(files.values.compactMap { $0.place?.module })
        let rest = own.filter { line in
            !modules.contains { line.split(separator: " ").suffix(2) == ["import", $0[...]] }
        }
        return (needed + [rest.joined(separator: "\n")]).joined(separator: "\n")
    }

    /// The cells of the rows of all tables, their headings included.
    var tableRows: [[String]] {
        (1..<file.lineCount + 1).map { file.line($0) }.filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map { cell in
                let start = cell.drop { $0 == " " }
                return String(start.prefix((start.lastIndex { $0 != " " }).map { start[...$0].count } ?? 0))
            }
        }
    }

    /// The paths that its links name, from the root of the repository: without those to other sites.
    var linkedPaths: Set<String> {
        let folder = file.path.split(separator: "/").dropLast().map { "\($0)/" }.joined()
        let targets = text.split(separator: "](").dropFirst().compactMap { $0.split(separator: ")").first }
        return Set(targets.filter { !$0.contains("://") }.map { folder + $0 })
    }

    /// The words that follow `make` at the start of a line of shell or of a code span.
    var makeTargets: Set<String> {
        var targets: Set<String> = []
        for number in 1..<file.lineCount + 1 {
            for part in file.line(number).split(separator: "`") where part.hasPrefix("make ") {
                targets.insert(String(part.split(separator: " ")[1]))
            }
        }
        return targets
    }
}
