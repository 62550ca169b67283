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
