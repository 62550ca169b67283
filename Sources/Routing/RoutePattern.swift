/// A parsed route pattern: one piece per segment, which is the text between two slashes.
///
/// `/` is one empty segment, and `/a/` is the segment `a` and an empty one, so a trailing slash is significant.
struct RoutePattern {
    enum Segment: Equatable {
        /// Literal UTF-8 text, compared with the decoded bytes of a path's segment.
        case literal(String)
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
        if text.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            throw .malformed(pattern: text, reason: "a pattern is a path, without a query or a fragment")
        }
        var segments: [Segment] = []
        var names: Set<String> = []
        for piece in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if case .rest(let name)? = segments.last {
                throw .malformed(pattern: text, reason: "{\(name)...} takes the rest of the path, so it comes last")
            }
            let segment = try Self.segment(String(Substring(piece)), of: text)
            segments.append(segment)
            guard let name = segment.name else { continue }
            guard names.insert(name).inserted else {
                throw .malformed(pattern: text, reason: "the parameter name \"\(name)\" is used twice")
            }
        }
        self.text = text
        self.segments = segments
    }

    private static func segment(_ piece: String, of text: String) throws(RouteError) -> Segment {
        let opening = piece.utf8.count { $0 == UInt8(ascii: "{") }
        let closing = piece.utf8.count { $0 == UInt8(ascii: "}") }
        if opening == 0 && closing == 0 { return .literal(piece) }
        guard opening == 1 && closing == 1 else {
            throw .malformed(pattern: text, reason: "the braces in the segment \"\(piece)\" are not one pair")
        }
        guard piece.utf8.first == UInt8(ascii: "{") && piece.utf8.last == UInt8(ascii: "}") else {
            throw .malformed(
                pattern: text,
                reason: "the segment \"\(piece)\" mixes text with braces, and a parameter is a whole segment"
            )
        }
        let inside = piece.dropFirst().dropLast()
        let takesRest = inside.hasSuffix("...")
        let name = String(takesRest ? inside.dropLast(3) : inside)
        if name.isEmpty {
            throw .malformed(pattern: text, reason: "the parameter \"\(piece)\" has no name")
        }
        guard name.utf8.allSatisfy(isNameByte) else {
            throw .malformed(
                pattern: text,
                reason: "the parameter name \"\(name)\" contains something other than letters, digits, \"_\" and \"-\""
            )
        }
        return takesRest ? .rest(name) : .parameter(name)
    }

    /// Whether a parameter's name may contain a byte. Bytes of other scripts are allowed: names are never sent.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...: true
        default: false
        }
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
