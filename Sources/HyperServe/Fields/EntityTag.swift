/// An entity tag, RFC 9110 section 8.8.3: `"text"`, or `W/"text"` if weak.
struct EntityTag: Equatable {
    let text: String
    let isWeak: Bool

    /// Parses one tag. Nil if it is malformed.
    init?(_ value: String) {
        var bytes = value.utf8[...]
        isWeak = bytes.starts(with: "W/".utf8)
        if isWeak { bytes = bytes.dropFirst(2) }
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else { return nil }
        let inside = bytes.dropFirst().dropLast()
        // Section 8.8.3: any character but quotation marks, controls and white space.
        guard inside.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F }) else { return nil }
        text = String(Substring(inside))
    }

    /// Parses a list of tags, RFC 9110 section 13.1.1. Nil if any of it is malformed.
    static func list(_ value: String) -> [EntityTag]? {
        var tags: [EntityTag] = []
        var rest = value[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            guard !rest.isEmpty else { return tags }
            // A tag may contain commas: it ends with its second quotation mark.
            guard let opening = rest.firstIndex(of: "\""),
                let closing = rest[rest.index(after: opening)...].firstIndex(of: "\""),
                let tag = EntityTag(String(rest[...closing]))
            else { return nil }
            tags.append(tag)
            rest = rest[rest.index(after: closing)...].drop { $0 == " " || $0 == "\t" }
            guard rest.isEmpty || rest.first == "," else { return nil }
        }
    }
}
