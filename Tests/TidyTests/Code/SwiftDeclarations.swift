/// A parser that finds declarations in Swift: the lengths of functions, and the interface of a module.
///
/// It follows braces and parentheses and knows the declaring keywords; it does not parse. Functions are `func`,
/// `init`, `deinit`, `subscript` and a `var` with a block, so a property counts with all its accessors.
struct SwiftDeclarations {
    /// A declaration that other modules see: declared public, a case of a public enum, a requirement of a public
    /// protocol.
    struct Visible: Equatable {
        var keyword: String
        /// The line of its attributes and modifiers, counted from 1.
        var line: Int
    }

    private(set) var functions: [FunctionSpan] = []
    private(set) var visible: [Visible] = []

    private let tokens: [Token]
    private var index = 0
    private var blocks: [Block] = []
    /// The number of open parentheses and brackets in the innermost block.
    private var parentheses = 0
    /// The declaration whose block may still come.
    private var pending: Pending?
    /// The line of the current attributes and modifiers; nil if there are none.
    private var headLine: Int?
    private var headIsPublic = false

    private struct Pending {
        var keyword: String
        var line: Int
        var isPublic: Bool
        var parentheses: Int
    }

    private struct Block {
        /// Empty for a closure, a loop and the like.
        var keyword = ""
        var line = 0
        var isPublic = false
        /// The state to continue with when the block ends.
        var outerParentheses: Int
        var outerPending: Pending?
    }

    init(in file: SourceFile) {
        tokens = file.tokens
        while index < tokens.count {
            if !consumeHead() {
                consumeToken()
                index += 1
            }
        }
    }

    private func text(at index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }

    /// Takes one attribute or modifier, with its parentheses.
    private mutating func consumeHead() -> Bool {
        guard text(at: index - 1) != "." else { return false }
        let token = tokens[index]
        if token.text == "@" {
            headLine = headLine ?? token.line
            index += 2
            if text(at: index) == "(" { skipParentheses() }
            return true
        }
        let isClassModifier = token.text == "class" && Keywords.afterClassModifier.contains(text(at: index + 1))
        guard isClassModifier || Keywords.modifiers.contains(token.text) else { return false }
        headLine = headLine ?? token.line
        index += 1
        if text(at: index) == "(" && text(at: index + 2) == ")" {
            index += 3
        } else if token.text == "public" || token.text == "open" {
            headIsPublic = true
        }
        return true
    }

    private mutating func skipParentheses() {
        var depth = 0
        repeat {
            if text(at: index) == "(" { depth += 1 }
            if text(at: index) == ")" { depth -= 1 }
            index += 1
        } while depth > 0 && index < tokens.count
    }

    private mutating func consumeToken() {
        let token = tokens[index]
        defer {
            headLine = nil
            headIsPublic = false
        }
        if text(at: index - 1) == "." { return }
        if let waiting = pending, waiting.keyword == "var", waiting.parentheses == parentheses, token.text != "{",
            token.line > tokens[index - 1].line
        {
            pending = nil
        }
        switch token.text {
        case "(", "[": parentheses += 1
        case ")", "]":
            parentheses -= 1
            if let waiting = pending, waiting.parentheses > parentheses { pending = nil }
        case "{": openBlock()
        case "}": closeBlock(at: token.line)
        default: if isDeclaration(token.text) { declare(token) }
        }
    }

    private func isDeclaration(_ word: String) -> Bool {
        if word == "case" { return blocks.last?.keyword == "enum" }
        if word == "var" { return !Keywords.beforeBinding.contains(text(at: index - 1)) }
        if Keywords.types.contains(word) { return text(at: index + 1).first.map { $0.isLetter || $0 == "_" } ?? false }
        return Keywords.functions.contains(word) || Keywords.others.contains(word)
    }

    private mutating func declare(_ token: Token) {
        let isPublic = headIsPublic || isPublicByItsBlock(token.text)
        if isPublic && token.text != "extension" {
            visible.append(Visible(keyword: token.text, line: headLine ?? token.line))
        }
        if Keywords.functions.contains(token.text) || Keywords.types.contains(token.text) {
            pending = Pending(keyword: token.text, line: token.line, isPublic: isPublic, parentheses: parentheses)
        }
    }

    private func isPublicByItsBlock(_ keyword: String) -> Bool {
        guard let block = blocks.last, block.isPublic else { return false }
        return block.keyword == "protocol" || block.keyword == "extension" || keyword == "case"
    }

    private mutating func openBlock() {
        var block = Block(outerParentheses: parentheses, outerPending: nil)
        if let declaration = pending, declaration.parentheses == parentheses {
            block.keyword = declaration.keyword
            block.line = declaration.line
            block.isPublic = declaration.isPublic
        } else {
            block.outerPending = pending
        }
        blocks.append(block)
        pending = nil
        parentheses = 0
    }

    private mutating func closeBlock(at line: Int) {
        guard let block = blocks.popLast() else { return }
        parentheses = block.outerParentheses
        pending = block.outerPending
        if Keywords.functions.contains(block.keyword) {
            functions.append(FunctionSpan(line: block.line, lineCount: line - block.line + 1))
        }
    }
}

private enum Keywords {
    static let functions: Set = ["func", "init", "deinit", "subscript", "var"]
    static let types: Set = ["struct", "class", "enum", "actor", "protocol", "extension"]
    static let others: Set = ["let", "typealias", "associatedtype", "macro"]
    static let modifiers: Set = [
        "public", "open", "package", "internal", "fileprivate", "private", "static", "final", "mutating", "nonmutating",
        "borrowing", "consuming", "override", "convenience", "required", "lazy", "indirect", "nonisolated", "unowned",
        "weak", "prefix", "postfix", "infix", "dynamic", "distributed",
    ]
    static let afterClassModifier: Set = ["func", "var", "subscript"]
    /// The tokens before a `var` that binds in a condition or a pattern.
    static let beforeBinding: Set = ["if", "guard", "while", "case", "for", ","]
}
