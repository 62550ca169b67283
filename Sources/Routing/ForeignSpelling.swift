import HTTPCore

/// A segment in which a pattern of another router has a parameter or a wildcard, such as `:id`, `*`, `{id:int}` and
/// `<id>`. As text it would match nothing that its author means, so it is refused, with the right spelling.
///
/// Other text stays text: `a:b` and `things:batch` are common in paths.
struct ForeignSpelling {
    /// The name of its parameter; empty if it has none.
    let name: String

    /// Recognizes a segment; nil if it is text, or a parameter that is spelled correctly.
    init?(_ segment: String) {
        let bytes = Array(segment.utf8)
        guard RoutePattern.parameter(segment) == nil, let mark = Self.mark(in: bytes) else { return nil }
        name = Self.name(after: mark, in: bytes)
    }

    /// The index of the byte that introduces the parameter; nil if there is none.
    private static func mark(in bytes: [UInt8]) -> Int? {
        let (first, last) = (bytes.first, bytes.last)
        if let brace = bytes.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) { return brace }
        // Hummingbird, Vapor, Express, Gin; and their wildcards.
        if first == UInt8(ascii: ":") || first == UInt8(ascii: "*") { return 0 }
        if last == UInt8(ascii: "*") { return bytes.count - 1 }
        // Flask, Django, Rocket.
        if let opening = bytes.firstIndex(of: UInt8(ascii: "<")),
            bytes[opening...].contains(UInt8(ascii: ">"))
        {
            return opening
        }
        // Files of routes are named so.
        if first == UInt8(ascii: "["), last == UInt8(ascii: "]") { return 0 }
        // A regular expression. Parentheses alone are text.
        let isExpression = bytes.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "\\") }
        return first == UInt8(ascii: "(") && last == UInt8(ascii: ")") && isExpression ? 0 : nil
    }

    /// The first name after the mark and what may stand between them: a converter, as in `<int:id>`, dots and
    /// asterisks.
    private static func name(after mark: Int, in bytes: [UInt8]) -> String {
        var rest = bytes[(mark + 1)...]
        if bytes[mark] == UInt8(ascii: "<") {
            rest = rest.prefix { $0 != UInt8(ascii: ">") }
            if let colon = rest.lastIndex(of: UInt8(ascii: ":")) { rest = rest[(colon + 1)...] }
        }
        let isBracket = bytes[mark] != UInt8(ascii: "*") && bytes[mark] != UInt8(ascii: ":")
        rest = rest.drop { $0 == UInt8(ascii: "*") || isBracket && " .+&{".utf8.contains($0) }
        return String(decoding: rest.prefix(while: RoutePattern.isNameByte), as: UTF8.self)
    }

    /// The end of a sentence about the first foreign spelling in a pattern, with the pattern in this router's spelling;
    /// nil if there is none.
    static func reason(in pieces: [String]) -> String? {
        guard let index = pieces.firstIndex(where: { ForeignSpelling($0) != nil }) else { return nil }
        let piece = pieces[index]
        if piece == "{$}" {
            // Go's mark for the end of a path.
            let path = pieces[..<index].map { "/" + $0 }.joined()
            return "\"{$}\" is not needed after a slash at the end, which is significant: write \"\(path)/\""
        }
        let names = corrected(pieces)
        let one = zip(pieces, names).map { piece, name in "/" + (name.map { "{\($0)}" } ?? piece) }.joined()
        let text = pieces.map { "/" + (ForeignSpelling($0) == nil ? $0 : encoded($0)) }.joined()
        // Only the last segment can take the rest of the path.
        let rest = names.last == .some(nil) ? "" : ", \"\(one.dropLast())...}\" for the rest of the path,"
        return "\"\(piece)\" is not how a parameter is written, which is a whole segment: "
            + "write \"\(one)\" for one segment\(rest) or \"\(text)\" for this text"
    }

    /// The names of the foreign parameters among the segments, changed where needed so that all names differ.
    private static func corrected(_ pieces: [String]) -> [String?] {
        var used = Set(pieces.compactMap { RoutePattern.parameter($0)?.name })
        return pieces.map { piece in
            guard let found = ForeignSpelling(piece)?.name else { return nil }
            let wanted = found.isEmpty ? "name" : found
            var (name, number) = (wanted, 2)
            while !used.insert(name).inserted {
                name = "\(wanted)\(number)"
                number += 1
            }
            return name
        }
    }

    /// A segment whose text, percent-decoded, is `piece`.
    private static func encoded(_ piece: String) -> String {
        var text = ""
        for scalar in piece.unicodeScalars {
            if ":*{}<>[]()\\?#".unicodeScalars.contains(scalar) {
                text += "%" + String(scalar.value, radix: 16, uppercase: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
