import Testing

/// What the README shows, taken apart so that it can be tried.
struct Readme {
    struct Snippet: Equatable, CustomTestStringConvertible {
        /// Of the fence that opens it, counted from 1.
        var line: Int
        var code: String
        var testDescription: String { "the block at line \(line)" }

        /// Whether it is a package's manifest, which other modules are at hand for than for a program.
        var isManifest: Bool { code.hasPrefix("// swift-tools-version") }
    }

    let file: SourceFile

    static let ofRepository = Readme(file: SourceFile(path: "README.md", bytes: Repository.read("README.md") ?? []))

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
                open = Snippet(line: number, code: "")
            }
        }
        return snippets
    }

    /// The words that follow `make` wherever it stands at the start of a line of shell or of a code span.
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
