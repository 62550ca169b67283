import HTTPCore

/// A parsed route pattern: one piece per segment, which is the text between two slashes.
///
/// `/` is one empty segment, and `/a/` is the segment `a` and an empty one, so a trailing slash is significant.
struct RoutePattern {
    enum Segment: Equatable {
        /// Text, percent-decoded, compared with the decoded bytes of a path's segment.
        case literal([UInt8])
        /// `{name}`: exactly one segment, which is not empty.
        case parameter(String)
        /// `{name...}`: the rest of the path after the preceding slash, even if it is empty.
        case rest(String)
    }

    let text: String
    let segments: [Segment]

    init(_ text: String) throws(RouteError) {
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw .malformed(pattern: text, reason: "a pattern begins with a slash")
        }
        let pieces = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        // Before the query, since a question mark is part of some of these spellings.
        if let reason = ForeignSpelling.reason(in: pieces) { throw .malformed(pattern: text, reason: reason) }
        if text.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            throw .malformed(pattern: text, reason: "a pattern is a path, without a query or a fragment")
        }
        var segments: [Segment] = []
        var names: Set<String> = []
        for piece in pieces {
            if case .rest(let name)? = segments.last {
                throw .malformed(pattern: text, reason: "{\(name)...} takes the rest of the path, so it comes last")
            }
            let segment = Self.parameter(piece) ?? .literal(Self.decoded(piece))
            segments.append(segment)
            guard let name = segment.name else { continue }
            guard names.insert(name).inserted else {
                throw .malformed(pattern: text, reason: "the parameter name \"\(name)\" is used twice")
            }
        }
        self.text = text
        self.segments = segments
    }

    /// Parses `{name}` and `{name...}`; nil for anything else.
    static func parameter(_ piece: String) -> Segment? {
        guard piece.utf8.first == UInt8(ascii: "{"), piece.utf8.last == UInt8(ascii: "}") else { return nil }
        let inside = piece.dropFirst().dropLast()
        let takesRest = inside.hasSuffix("...")
        let name = String(takesRest ? inside.dropLast(3) : inside)
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return nil }
        return takesRest ? .rest(name) : .parameter(name)
    }

    /// Whether a parameter's name may contain a byte. Bytes of other scripts are allowed: names are never sent.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...: true
        default: false
        }
    }

    /// The bytes of a literal segment, percent-decoded as those of a path are: a percent sign that is not followed by
    /// two hexadecimal digits is literal.
    private static func decoded(_ piece: String) -> [UInt8] {
        let span = piece.utf8Span.span
        var bytes: [UInt8] = []
        var position = 0
        // The UTF-8 of a String has no padding.
        while let byte = PathSegment.nextDecodedByte(unsafe span.bytes, at: &position) { bytes.append(byte) }
        return bytes
    }
}

extension RoutePattern.Segment {
    /// The parameter's name; nil for literal text.
    var name: String? {
        switch self {
        case .literal: nil
        case .parameter(let name), .rest(let name): name
        }
    }
}
