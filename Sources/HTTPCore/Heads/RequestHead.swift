/// A range of bytes in a request head, relative to the head's first byte.
///
/// The parser stores ranges and never pointers, so a head can be parsed in a receive buffer and then copied.
@usableFromInline
package struct ByteRange: Sendable, Equatable {
    @usableFromInline package var start: UInt32
    @usableFromInline package var count: UInt32

    @inlinable package init(start: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.count = UInt32(truncatingIfNeeded: end &- start)
    }

    /// Creates the empty range at 0.
    @inlinable package init() {
        start = 0
        count = 0
    }

    @inlinable package var isEmpty: Bool { count == 0 }
    @inlinable package var lowerBound: Int { Int(start) }
    @inlinable package var upperBound: Int { Int(start) &+ Int(count) }
}

/// One field line: name and value without the colon and the white space around the value (RFC 9112 section 5).
@usableFromInline
package struct FieldRange: Sendable, Equatable {
    @usableFromInline package var name: ByteRange
    @usableFromInline package var value: ByteRange

    @inlinable package init(name: ByteRange, value: ByteRange) {
        self.name = name
        self.value = value
    }
}

/// The four forms of a request target, RFC 9112 section 3.2.
@usableFromInline
package enum TargetForm: UInt8, Sendable {
    case origin, absolute, authority, asterisk
}

/// The version of HTTP in which a request was sent.
@usableFromInline
package enum HTTPVersion: Sendable {
    case http10, http11
}

/// A parsed request head as ranges of its bytes, the same for all protocols.
public struct RequestHead: Sendable {
    /// The method; the token of one that is not standard is in the bytes: `method(in:)`.
    @usableFromInline package var method = MethodNumber.get
    @usableFromInline package var form: TargetForm = .origin
    /// HTTP/1.1 also for any later 1.x (RFC 9110 section 2.5).
    @usableFromInline package var version = HTTPVersion.http11
    /// Whether the path contains a percent sign, so that matching it requires decoding.
    @usableFromInline package var pathIsEncoded = false
    /// The request target as sent.
    @usableFromInline package var target = ByteRange()
    /// The path: begins with a slash in origin and absolute form ("/" is implied by an empty absolute path, and the
    /// range is then empty); empty in authority and asterisk form.
    @usableFromInline package var path = ByteRange()
    /// The query after the question mark; empty if there is none.
    @usableFromInline package var query = ByteRange()
    /// The authority: of the target in absolute and authority form, else the value of Host (RFC 9112 section 3.2.2).
    @usableFromInline package var host = ByteRange()
    /// All field lines in the order received.
    @usableFromInline package var fields = FieldTable()
    /// The size of the head in bytes, from the first byte received (a skipped leading CRLF included) to its final CRLF.
    @usableFromInline package var byteCount = 0

    package init() {}

    /// Resets everything, but keeps the memory of the field table.
    @inlinable
    package mutating func clear() {
        method = .get
        form = .origin
        version = .http11
        pathIsEncoded = false
        target = ByteRange()
        path = ByteRange()
        query = ByteRange()
        host = ByteRange()
        fields.removeAll()
        byteCount = 0
    }
}

extension RequestHead {
    /// Becomes a copy of `other` in the memory of this head, sharing none with it: a parser whose head is copied needs
    /// no new memory for its next one.
    package mutating func copy(_ other: borrowing RequestHead) {
        var table = FieldTable()
        swap(&table, &fields)
        table.removeAll()
        for line in other.fields { table.append(line) }
        self = copy other
        fields = table
    }
}

/// The limits of a request head, beyond which the request is refused.
///
/// Each limit also applies while the head is incomplete, so a client can't make the server buffer more.
public struct HeadLimits: Sendable, Equatable {
    /// The size of the whole head in bytes: leading empty lines, request line, fields and final empty line. 431 beyond,
    /// or 414 if the request target is not complete by then.
    package var maximumHeadByteCount = 16 * 1024
    /// The number of field lines. 431 beyond.
    package var maximumFieldCount = 100
    /// The size of the request target in bytes. 414 beyond.
    package var maximumTargetByteCount = 8 * 1024
    /// Whether the value of Host may be empty, as RFC 9112 section 3.2 allows for targets without an authority. 400
    /// otherwise: an `http` URI always has a host.
    package var allowsEmptyHost = false

    package init() {}
}
