import HTTPCore

/// A value with parameters, as in Content-Type, Content-Disposition and the members of Accept: `value; name=text;
/// name="quoted text"` (RFC 9110 section 5.6.6).
struct FieldParameters {
    /// More than any field needs. Bounded, since each parameter is compared with those before it.
    private static let maximumCount = 16

    /// The part before the first semicolon, without the white space around it, in lower case.
    let value: String
    /// The parameters in order, with names in lower case, without quotation marks and escapes.
    let parameters: [(name: String, value: String)]

    /// Parses a value; nil if its parameters are malformed or more than 16, or one is repeated.
    init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        value = Self.value(of: text)
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        var parameters: [(name: String, value: String)] = []
        while rest.popFirst() != nil {
            rest = rest.drop(while: Self.isSpace)
            // Empty members are allowed, and skipped.
            if rest.isEmpty || rest.first == UInt8(ascii: ";") { continue }
            guard let parameter = Self.readParameter(&rest),
                parameters.count < Self.maximumCount, !parameters.contains(where: { $0.name == parameter.name })
            else { return nil }
            parameters.append(parameter)
            rest = rest.drop(while: Self.isSpace)
            guard rest.isEmpty || rest.first == UInt8(ascii: ";") else { return nil }
        }
        self.parameters = parameters
    }

    /// The value of a field without its parameters, which may be malformed.
    static func value(of text: some StringProtocol) -> String {
        String(trimming: Array(text.utf8.prefix { $0 != UInt8(ascii: ";") })).lowercased()
    }

    /// The value of a parameter. `name` is in lower case.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func readParameter(_ rest: inout ArraySlice<UInt8>) -> (name: String, value: String)? {
        let name = String(trimming: rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") })
        rest = rest.dropFirst(name.utf8.count)
        guard rest.popFirst() == UInt8(ascii: "="), FieldSyntax.isToken(name) else { return nil }
        if rest.first == UInt8(ascii: "\"") {
            return readQuoted(&rest).map { (name.lowercased(), $0) }
        }
        let value = String(decoding: rest.prefix { $0 != UInt8(ascii: ";") && !isSpace($0) }, as: UTF8.self)
        rest = rest.dropFirst(value.utf8.count)
        return FieldSyntax.isToken(value) ? (name.lowercased(), value) : nil
    }

    /// Reads a quoted string. A backslash before any other character than a quotation mark or a backslash is literal,
    /// as in the file names of old browsers.
    private static func readQuoted(_ rest: inout ArraySlice<UInt8>) -> String? {
        var value: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            let isEscaped =
                byte == UInt8(ascii: "\\") && (rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "\\"))
            value.append(isEscaped ? rest.removeFirst() : byte)
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension String {
    /// UTF-8 without the spaces and tabs at its ends, the optional white space of RFC 9110 section 5.6.3.
    init(trimming bytes: some BidirectionalCollection<UInt8>) {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) }.map(bytes.index(after:)) ?? start
        self.init(decoding: bytes[start..<end], as: UTF8.self)
    }
}
