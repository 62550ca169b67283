/// The header or trailer fields of a response, in order. Names are compared without regard to case.
///
/// They are checked when the response is encoded: a name that is not a token, or a value with a line break or another
/// control character, turns the response into a 500, which is logged, instead of splitting it (RFC 9110 section 5.5).
public struct HeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One field line. Two are equal if their names are, without regard to case, and their values, byte for byte.
    public struct Field: Sendable {
        /// The name, in any case; must be a token.
        public let name: String
        /// The value, without white space at its ends; must not contain line breaks.
        public let value: String

        /// Creates a field line. Spaces and tabs at the ends of the value are removed: they are no part of it (RFC 9110
        /// section 5.5).
        public init(name: String, value: String) {
            self.name = name
            self.value = FieldSyntax.trimmed(value)
        }
    }

    @usableFromInline package var fields: [Field]

    /// Creates an empty list; allocates nothing.
    @inlinable public init() { fields = [] }

    /// Creates the fields in the order of the literal; a name may be repeated.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0, value: $1) }
    }

    /// Whether there are no fields.
    @inlinable public var isEmpty: Bool { fields.isEmpty }

    /// Reserves room for more fields.
    package mutating func reserve(_ count: Int) { fields.reserveCapacity(fields.count + count) }

    /// Adds a field line and keeps others of the same name, as is necessary for Set-Cookie. Spaces and tabs at the ends
    /// of the value are removed.
    public mutating func append(name: String, value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The value of the first field with this name. Setting replaces all of them; nil removes them. Spaces and tabs at
    /// the ends of a new value are removed.
    public subscript(name: String) -> String? {
        get {
            // By index, so that the fields that are compared are not retained.
            let fields = fields.span
            for index in fields.indices where isSameName(fields[index].name, name) { return fields[index].value }
            return nil
        }
        set {
            fields.removeAll { isSameName($0.name, name) }
            if let newValue { append(name: name, value: newValue) }
        }
    }
}

extension HeaderFields {
    /// The value of Content-Length, if it occurs once and is a number (RFC 9110 section 8.6). Only a response to HEAD
    /// may need it: for others the server counts.
    package var declaredContentLength: Int? {
        var length: Int?
        for index in fields.indices where isSameName(fields[index].name, "Content-Length") {
            let value = fields[index].value
            guard length == nil, !value.isEmpty,
                value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = Int(value)
            else { return nil }
            length = number
        }
        return length
    }
}

extension HeaderFields: Sequence {
    /// Iterates over the field lines in order.
    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }
}

/// Whether two field names are equal, without regard to ASCII case.
package func isSameName(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
        && zip(left.utf8, right.utf8).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
}
