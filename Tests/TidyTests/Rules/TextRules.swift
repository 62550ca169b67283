/// The text that no file of the project may contain. The forbidden words are composed of halves, because the rules
/// apply to this file too.
enum TextRules {
    private static let unfinishedWords = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    private static let unfinishedCalls = [".disabled" + "(", "XCT" + "Skip", #"fatalError("not "# + "implemented"]
    private static let forbiddenFlags = ["unsafe" + "Flags", "-O" + "unchecked", "-enforce" + "-exclusivity"]
    private static let machinePaths = ["/wo" + "rk/", "/ro" + "ot/", "/tmp/" + "bash_jobs"]

    /// Blanks at the end of a line, carriage returns, tabs where they do not belong, and a last line without an end.
    static func whitespace(_ file: SourceFile) -> [Violation] {
        var violations = find([" \n", "\t\n"], in: file) { _ in "blanks at the end of the line" }
        violations += find(["\r"], in: file) { _ in "a carriage return" }
        if !mayHoldTabs(file.path) { violations += find(["\t"], in: file) { _ in "a tab" } }
        if file.bytes.last != UInt8(ascii: "\n") || file.bytes.suffix(2) == [UInt8(ascii: "\n"), UInt8(ascii: "\n")] {
            violations.append(file.violation(max(1, file.lineCount), "the file does not end with one line feed"))
        }
        return violations
    }

    /// Marks of unfinished work, placeholders and tests that do not run.
    static func unfinishedWork(_ file: SourceFile) -> [Violation] {
        if file.path.hasSuffix("/place" + "holder.swift") {
            return [file.violation(1, "a file that only holds a place")]
        }
        return find(unfinishedWords, in: file, wholeWords: true) { "a mark of unfinished work: \($0)" }
            + find(unfinishedCalls, in: file) { "a test or a path that does not run: \($0)" }
    }

    /// Compiler flags that disable the safety that the sources rely on.
    static func compilerFlags(_ file: SourceFile) -> [Violation] {
        find(forbiddenFlags, in: file) { "a flag that takes safety away: \($0)" }
    }

    /// Paths that exist on one machine only.
    static func absolutePaths(_ file: SourceFile) -> [Violation] {
        find(machinePaths, in: file) { "a path of one machine: \($0)" }
    }

    /// Make and Go require them.
    private static func mayHoldTabs(_ path: String) -> Bool {
        path.hasSuffix("Makefile") || path.hasSuffix(".go")
    }

    private static func find(
        _ words: [String], in file: SourceFile, wholeWords: Bool = false, message: (String) -> String
    ) -> [Violation] {
        words.flatMap { word in
            file.offsets(of: word)
                .filter { !wholeWords || isWholeWord(from: $0, to: $0 + word.utf8.count, in: file.bytes) }
                .map { file.violation(file.line(at: $0), message(word)) }
        }
    }

    private static func isWholeWord(from start: Int, to end: Int, in bytes: [UInt8]) -> Bool {
        let follows = start > 0 && Token.isWord(bytes[start - 1])
        let goesOn = end < bytes.count && Token.isWord(bytes[end])
        return !follows && !goesOn
    }
}
