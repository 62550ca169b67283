/// The fields of an answer, or those behind a body, in their order. Names compare without regard to case.
///
/// What stands in an answer is checked when the answer is encoded: a name that is no token, or a value with a line
/// break or another control character, turns the answer into a 500 instead of splitting it (RFC 9110 section 5.5).
public struct HeaderFields: Sendable, ExpressibleByDictionaryLiteral {
    /// One field line.
    public struct Field: Sendable {
        /// The name, in any case: a token.
        public var name: String
        /// The value, without line breaks.
        public var value: String

        /// Creates a field line.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    @usableFromInline package var fields: [Field]

    /// No fields; allocates nothing.
    @inlinable public init() { fields = [] }

    /// Creates the fields in the order of the literal; a name may stand in it more than once.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0, value: $1) }
    }

    /// Whether there is no field.
    @inlinable public var isEmpty: Bool { fields.isEmpty }

    /// Makes room for so many more fields at once.
    package mutating func reserve(_ count: Int) { fields.reserveCapacity(fields.count + count) }

    /// Adds a field line, beside others of the same name: for Set-Cookie and the like.
    public mutating func append(name: String, value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The value of the first field with this name. Setting replaces all of them; nil removes them.
    public subscript(name: String) -> String? {
        get {
            // Where they are, without retaining each that is looked at.
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
    /// The value of Content-Length, if there is one such field and it holds a number (RFC 9110 section 8.6). Only a
    /// response to HEAD may need it: for others the server counts.
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
    /// Goes through the field lines in their order.
    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }
}

/// Whether two field names are the same, without regard to ASCII case.
package func isSameName(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
        && zip(left.utf8, right.utf8).allSatisfy { ASCII.lowercased($0) == ASCII.lowercased($1) }
}
