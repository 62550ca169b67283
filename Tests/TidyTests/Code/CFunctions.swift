/// Finds functions in C: a block at the outermost level whose header ends with a parameter list.
enum CFunctions {
    static func spans(in file: SourceFile) -> [FunctionSpan] {
        var spans: [FunctionSpan] = []
        var header: [Token] = []
        var functionLine: Int?
        var depth = 0
        for token in file.tokens {
            switch token.text {
            case "{":
                if depth == 0 && isFunction(header) { functionLine = header[0].line }
                depth += 1
            case "}":
                depth -= 1
                guard depth == 0 else { continue }
                if let line = functionLine { spans.append(FunctionSpan(line: line, lineCount: token.line - line + 1)) }
                functionLine = nil
                header = []
            case ";" where depth == 0: header = []
            default: if depth == 0 { header.append(token) }
            }
        }
        return spans
    }

    /// An initialiser has an equals sign outside of parentheses; a structure does not end with a parenthesis,
    /// unless that is an attribute's.
    private static func isFunction(_ header: [Token]) -> Bool {
        var depth = 0
        var isAttribute = false
        var last = ""
        for token in header {
            if token.text == "__attribute__" && depth == 0 { isAttribute = true }
            if token.text == "(" { depth += 1 }
            if token.text == ")" { depth -= 1 }
            if token.text == "=" && depth == 0 { return false }
            if !isAttribute { last = token.text }
            if token.text == ")" && depth == 0 { isAttribute = false }
        }
        return last == ")"
    }
}
