import Testing

@Suite("The Makefile explains itself")
struct MakefileTests {
    @Test("every target is listed by make help")
    func help() {
        let makefile = Makefile.ofRepository
        #expect(makefile.targets.isSuperset(of: ["serve", "test", "check", "format", "bench"]))
        #expect(makefile.targets.subtracting(makefile.describedTargets).sorted() == [])
    }

    @Test("a target without a description is detected")
    func planted() {
        let text = ".PHONY: a\n.PHONY: b\na: b ## The first\n\ttrue ## c\nb:\n\ttrue\n"
        let makefile = Makefile(file: SourceFile(path: "Makefile", text: text))
        #expect(makefile.targets == ["a", "b"])
        #expect(makefile.describedTargets == ["a"])
    }
}

/// The targets of the Makefile that people call.
struct Makefile {
    let file: SourceFile

    static let ofRepository = Makefile(file: SourceFile(path: "Makefile", bytes: Repository.read("Makefile") ?? []))

    /// The targets in the lines with `.PHONY`.
    var targets: Set<String> {
        var targets: Set<String> = []
        for number in 1..<file.lineCount + 1 where file.line(number).hasPrefix(".PHONY:") {
            targets.formUnion(file.line(number).split(separator: " ").dropFirst().map(String.init))
        }
        return targets
    }

    /// The targets that `make help` lists: those with a double hash and a line of text.
    var describedTargets: Set<String> {
        let names = (1..<file.lineCount + 1).compactMap { number -> String? in
            let line = file.line(number)
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].allSatisfy({ $0.isLetter || $0 == "-" }) else { return nil }
            return parts[1].contains("## ") ? String(parts[0]) : nil
        }
        return Set(names)
    }
}
