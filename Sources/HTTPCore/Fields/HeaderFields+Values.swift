// Comparing, writing and reading header fields as values.
extension HeaderFields.Field: Hashable {
    /// Whether the names are equal, without regard to case, and the values, byte for byte.
    public static func == (left: Self, right: Self) -> Bool {
        // Not as strings, which are equal if they are canonically equivalent.
        isSameName(left.name, right.name) && left.value.utf8.elementsEqual(right.value.utf8)
    }

    /// Hashes the name in lower case, and the value.
    public func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(ASCII.lowercased(byte)) }
        // No byte of UTF-8.
        hasher.combine(0xFF as UInt8)
        for byte in value.utf8 { hasher.combine(byte) }
    }
}

extension HeaderFields.Field: LosslessStringConvertible {
    /// The field line, "Name: value". Control characters, with which it can't be sent, are replaced by U+FFFD.
    public var description: String {
        let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
        guard line.unicodeScalars.contains(where: isControl) else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    /// Creates a field line from a text such as "Name: value"; nil unless it is valid (RFC 9112 section 5): a token, a
    /// colon, and a value without control characters.
    public init?(_ description: String) {
        guard let colon = description.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let end = description.utf8.index(after: colon)
        self.init(name: String(description[..<colon]), value: String(description[end...]))
        guard isValid else { return nil }
    }

    /// Whether it can be sent.
    package var isValid: Bool { FieldSyntax.isToken(name) && FieldSyntax.isValue(value) }
}

extension HeaderFields.Field: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, value
    }

    /// Decodes an object with `name` and `value`. Throws `DecodingError` if they are not valid.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            value: try container.decode(String.self, forKey: .value))
        guard isValid else {
            let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not a header field")
            throw DecodingError.dataCorrupted(context)
        }
    }

    /// Encodes an object with `name` and `value`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
    }
}

extension HeaderFields: LosslessStringConvertible {
    /// The field lines, with a line feed between them. Control characters are replaced as in `Field.description`.
    public var description: String { fields.map(\.description).joined(separator: "\n") }

    /// Creates header fields from their lines, which end in LF or CR LF; nil if one is not valid. The last line need
    /// not have an end.
    public init?(_ description: String) {
        self.init()
        var lines = description.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            let line = line.last == ASCII.carriageReturn ? line.dropLast() : line
            guard let field = Field(String(Substring(line))) else { return nil }
            fields.append(field)
        }
    }
}

extension HeaderFields: Codable {
    /// Decodes a list of objects with `name` and `value`. Throws `DecodingError` if a field is not valid.
    public init(from decoder: any Decoder) throws {
        self.init()
        fields = try decoder.singleValueContainer().decode([Field].self)
    }

    /// Encodes a list of objects with `name` and `value`, in order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fields)
    }
}

/// Whether a field line can't contain a scalar: C0 except the tab, and DEL.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7F
}
