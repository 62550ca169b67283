/// Limits for the lengths of files, functions and lines.
enum LengthRules {
    static let maximumFileLines = 300
    static let maximumFunctionLines = 70
    static let maximumColumns = 120

    static func fileLength(_ file: SourceFile) -> [Violation] {
        guard file.lineCount > maximumFileLines else { return [] }
        return [file.violation(file.lineCount, "a file of \(file.lineCount) lines, \(maximumFileLines) allowed")]
    }

    static func functionLength(_ file: SourceFile) -> [Violation] {
        FunctionSpan.all(in: file).filter { $0.lineCount > maximumFunctionLines }.map {
            file.violation($0.line, "a function of \($0.lineCount) lines, \(maximumFunctionLines) allowed")
        }
    }

    static func lineLength(_ file: SourceFile) -> [Violation] {
        (0..<file.lineCount).map { $0 + 1 }.filter { number in
            // A line has no more characters than bytes, so the costlier count is for the few that may be too long.
            file.lineRanges[number - 1].count > maximumColumns && file.line(number).count > maximumColumns
        }.map { file.violation($0, "a line of \(file.line($0).count) columns, \(maximumColumns) allowed") }
    }
}

/// The lines of one function, from its keyword to its closing brace.
struct FunctionSpan: Equatable {
    /// Counted from 1.
    var line: Int
    var lineCount: Int

    static func all(in file: SourceFile) -> [FunctionSpan] {
        switch file.language {
        case .swift: SwiftDeclarations(in: file).functions
        case .c: CFunctions.spans(in: file)
        case .other: []
        }
    }
}
