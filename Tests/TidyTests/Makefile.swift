/// The targets of the Makefile that are there for people.
struct Makefile {
    let file: SourceFile

    static let ofRepository = Makefile(file: SourceFile(path: "Makefile", bytes: Repository.read("Makefile") ?? []))

    /// What the lines with `.PHONY` list.
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
