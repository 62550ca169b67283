import HTTPCore

/// The field lines, RFC 9112 section 5: name ":" OWS value OWS CR LF, until an empty line.
extension RequestParser {
    @inline(__always)
    mutating func parseFields(_ input: Span<UInt8>) throws(Halt) {
        while true {
            if step == .fieldLine {
                try takePlainFields(input)
                if try startField(input) { return }
            }
            if step == .fieldName { try parseFieldName(input) }
            if step == .whitespace { try skipWhitespace(input) }
            try parseFieldValue(input)
            step = .fieldLine
        }
    }

    /// Reads the start of a line; true if it is the empty one that ends the head.
    @inline(__always)
    private mutating func startField(_ input: Span<UInt8>) throws(Halt) -> Bool {
        guard cursor < input.count else { throw .needsMore }
        if input[cursor] == ASCII.carriageReturn {
            guard cursor + 1 < input.count else { throw .needsMore }
            guard input[cursor + 1] == ASCII.lineFeed else { throw .rejected(.carriageReturnBare) }
            cursor += 2
            try finish()
            return true
        }
        guard head.fields.count < limits.maximumFieldCount else { throw .rejected(.tooManyFields) }
        mark = cursor
        step = .fieldName
        return false
    }

    /// RFC 9112 section 5.1: a token, and no white space between it and the colon.
    private mutating func parseFieldName(_ input: Span<UInt8>) throws(Halt) {
        cursor = input.endOfPlain(from: cursor, to: input.count)
        if cursor == input.count || input[cursor] != UInt8(ascii: ":") || cursor == mark {
            try parseUncommonFieldName(input)
        }
        fieldName = ByteRange(start: mark, end: cursor)
        cursor += 1
        step = .whitespace
    }

    /// Reads names with token bytes other than letters, digits, hyphens and dots, and refuses everything else.
    @inline(never)
    private mutating func parseUncommonFieldName(_ input: Span<UInt8>) throws(Halt) {
        cursor = input.endOfRun(of: .token, from: cursor, to: input.count)
        guard cursor < input.count else { throw .needsMore }
        switch input[cursor] {
        case UInt8(ascii: ":") where cursor > mark: return
        case ASCII.lineFeed: throw .rejected(.lineFeedBare)
        case ASCII.space, ASCII.tab: throw .rejected(cursor == mark ? .lineFolded : .whitespaceBeforeColon)
        default: throw .rejected(.fieldNameMalformed)
        }
    }

    private mutating func skipWhitespace(_ input: Span<UInt8>) throws(Halt) {
        while true {
            guard cursor < input.count else { throw .needsMore }
            guard ASCII.isWhitespace(input[cursor]) else { break }
            cursor += 1
        }
        mark = cursor
        step = .fieldValue
    }

    /// RFC 9110 section 5.5: no control bytes, and no white space around it.
    private mutating func parseFieldValue(_ input: Span<UInt8>) throws(Halt) {
        cursor = input.endOfValue(from: cursor, to: input.count)
        guard cursor < input.count else { throw .needsMore }
        guard input[cursor] == ASCII.carriageReturn else {
            throw .rejected(input[cursor] == ASCII.lineFeed ? .lineFeedBare : .fieldValueMalformed)
        }
        guard cursor + 1 < input.count else { throw .needsMore }
        guard input[cursor + 1] == ASCII.lineFeed else { throw .rejected(.carriageReturnBare) }
        var end = cursor
        while end > mark, ASCII.isWhitespace(input[end - 1]) { end -= 1 }
        let field = FieldRange(name: fieldName, value: ByteRange(start: mark, end: end))
        head.fields.append(field)
        try interpret(field, input)
        cursor += 2
    }
}
