/// The rules for Swift sources.
enum SwiftRules {
    /// Foundation adds 40 MB of ICU to every program that links it.
    static func foundationImports(_ file: SourceFile) -> [Violation] {
        let tokens = file.tokens
        return zip(tokens, tokens.dropFirst()).enumerated().compactMap { index, pair in
            guard pair.0.text == "import" else { return nil }
            let isKind = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"].contains(
                pair.1.text)
            let module = isKind && index + 2 < tokens.count ? tokens[index + 2] : pair.1
            return module.text.hasPrefix("Foundation") ? file.violation(module.line, "imports \(module.text)") : nil
        }
    }

    /// Beginnings of words; the comment on an unchecked conformance contains one of them. The last is for comments that
    /// mention the conformance itself.
    private static let protections = [
        "protect", "guard", "lock", "mutex", "atomic", "own", "only", "single", "exclusive", "confined", "immutable",
        "constant", "sendable",
    ]

    /// `@unchecked Sendable` needs a comment on its line, or within three lines, that says what protects the state.
    static func uncheckedSendable(_ file: SourceFile) -> [Violation] {
        let tokens = file.tokens
        return zip(tokens, tokens.dropFirst()).compactMap { first, second in
            guard first.text == "unchecked", second.text == "Sendable" else { return nil }
            let nearby = (max(1, second.line - 3)...min(file.lineCount, second.line + 3))
                .flatMap { file.line($0, only: .comment).lowercased().split { !$0.isLetter } }
            if nearby.contains(where: { word in protections.contains { word.hasPrefix($0) } }) { return nil }
            return file.violation(second.line, "@unchecked Sendable without a comment that says what protects it")
        }
    }

    /// Every declaration that other modules see has a documentation comment immediately before it.
    static func documentation(_ file: SourceFile) -> [Violation] {
        SwiftDeclarations(in: file).visible.filter { !isDocumented(at: $0.line, in: file) }.map {
            file.violation($0.line, "a public \($0.keyword) without a documentation comment")
        }
    }

    /// Ordinary comments, such as instructions to the formatter, may come between.
    private static func isDocumented(at line: Int, in file: SourceFile) -> Bool {
        for number in (1..<line).reversed() {
            let text = file.line(number).drop { $0 == " " }
            let isComment = file.line(number, only: .comment).contains { $0 != " " }
            if !isComment || !file.line(number, only: .code).allSatisfy({ $0 == " " }) { return false }
            if text.hasPrefix("///") { return true }
        }
        return false
    }
}
