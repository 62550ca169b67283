import Testing

@Suite("The tables of the documents match the sources")
struct DocumentedTableTests {
    @Test("CONTRIBUTING lists every make target")
    func makeTargets() {
        let contributing = Document.pages.first { $0.file.path == "CONTRIBUTING.md" }
        #expect(Makefile.ofRepository.targets.subtracting(contributing?.makeTargets ?? []).sorted() == [])
    }

    @Test("every limit and timeout of the configuration is listed with its default, and no other")
    func limits() throws {
        let sources = Repository.sources(under: "Sources/HyperServe")
        let limits = limits(in: try #require(sources.first { $0.path.hasSuffix("/ServerConfiguration.swift") }))
        let article = Document.article("LimitsAndTimeouts")
        #expect(limits["maximumBodyByteCount"] == "1 MiB")
        #expect(limits["idleTimeout"] == "60 s")
        #expect(differences(between: limits, and: article) == [])
    }

    @Test("limits are found by their names, and a wrong, missing or unknown one is reported")
    func plantedLimits() {
        let source = """
            public var maximumAByteCount = 16 * 1024
            public var maximumB = 65_536
                public var cTimeout: Duration = .seconds(15)
            public var host: String
            var minimumD = 1

            """
        let limits = limits(in: SourceFile(path: "a.swift", text: source))
        #expect(limits == ["maximumAByteCount": "16 KiB", "maximumB": "65,536", "cTimeout": "15 s"])
        let text =
            "| `maximumAByteCount` | 16 KiB of a | 413 |\n| `maximumB` | 65,5367 | 503 |\n| `eTimeout` | 1 s | 408 |\n"
        let document = Document(file: SourceFile(path: "a.md", text: text))
        #expect(
            differences(between: limits, and: document) == [
                "cTimeout is not listed", "eTimeout is not a limit", "maximumB is 65,536, not 65,5367",
            ])
    }

    @Test("every option of the demo server is listed, and no other")
    func options() throws {
        let source = try #require(
            Repository.sources(under: "Sources").first { $0.path.hasSuffix("/Options.swift") }, "no options were found")
        let used = options(inUsageOf: Document(file: source).text)
        #expect(used.isSuperset(of: ["--port", "--help"]))
        #expect(listedOptions(in: Document.article("RunningAServer")) == used)
    }

    @Test("options are found")
    func plantedOptions() {
        let source = #"""
            let a = "--no"
            static let usage = """
              --one X  as --two, not
              --three
            """
            let b = "--no"

            """#
        #expect(options(inUsageOf: source) == ["--one", "--two", "--three"])
        let text = "| `--one X` | a |\n| `--two` | b |\n| `c` | `--no` |\nor `--no`\n"
        #expect(listedOptions(in: Document(file: SourceFile(path: "a.md", text: text))) == ["--one", "--two"])
    }

    /// The defaults, as the table writes them, of the public properties whose names are those of limits.
    private func limits(in source: SourceFile) -> [String: String] {
        var limits: [String: String] = [:]
        for number in 1..<source.lineCount + 1 {
            let words = source.line(number).split(separator: " ").map(String.init)
            guard words.starts(with: ["public", "var"]), words.count > 2 else { continue }
            let name = words[2].hasSuffix(":") ? String(words[2].dropLast()) : words[2]
            guard
                ["maximum", "minimum"].contains(where: { name.hasPrefix($0) })
                    || ["Timeout", "Grace", "KeepAlive"].contains(where: { name.hasSuffix($0) })
            else { continue }
            let value = words.firstIndex(of: "=").map { words[($0 + 1)...].joined(separator: " ") } ?? ""
            limits[name] = shown(value, isByteCount: name.hasSuffix("ByteCount"))
        }
        return limits
    }

    /// `16 * 1024` as 16 KiB, `65_536` as 65,536, and `.seconds(10)` as 10 s.
    private func shown(_ value: String, isByteCount: Bool) -> String {
        if value.hasPrefix(".seconds("), value.hasSuffix(")") { return "\(value.dropFirst(9).dropLast()) s" }
        var number = value.split(separator: " ").filter { $0 != "*" }
            .reduce(1) { $0 * (Int($1.filter { $0 != "_" }) ?? 0) }
        if isByteCount, number.isMultiple(of: 1 << 20) { return "\(number >> 20) MiB" }
        if isByteCount, number.isMultiple(of: 1 << 10) { return "\(number >> 10) KiB" }
        var groups: [String] = []
        while number >= 1000 {
            groups.append(String(String(1000 + number % 1000).dropFirst()))
            number /= 1000
        }
        return ([String(number)] + groups.reversed()).joined(separator: ",")
    }

    /// What is wrong with the rows of a table that begin with a limit's name and its default.
    private func differences(between limits: [String: String], and document: Document) -> [String] {
        var listed: [String: String] = [:]
        for row in document.tableRows where row.count == 3 && row[0].hasPrefix("`") {
            listed[row[0].filter { $0 != "`" }] = row[1]
        }
        var differences: [String] = []
        for name in Set(limits.keys).union(listed.keys).sorted() {
            switch (limits[name], listed[name]) {
            case (let value?, let text?) where text != value && !text.hasPrefix(value + " "):
                differences.append("\(name) is \(value), not \(text)")
            case (_?, nil): differences.append("\(name) is not listed")
            case (nil, _): differences.append("\(name) is not a limit")
            default: break
            }
        }
        return differences
    }

    /// The options that the text of a command line's help names.
    private func options(inUsageOf source: String) -> Set<String> {
        let usage = source.split(separator: "static let usage = \"\"\"").last?.split(separator: "\"\"\"").first ?? ""
        return Set(usage.split { !($0.isLetter || $0 == "-") }.filter { $0.hasPrefix("--") }.map(String.init))
    }

    /// The options that begin a row of a table.
    private func listedOptions(in document: Document) -> Set<String> {
        let names = document.tableRows.compactMap { $0.first }.filter { $0.hasPrefix("`--") }
        return Set(names.map { String($0.split { $0 == "`" || $0 == " " }[0]) })
    }
}
