#if Compression
    import HTTPCore

    /// The weights of gzip and identity in an Accept-Encoding field, RFC 9110 section 12.5.3.
    ///
    /// Parsed in one pass and without an allocation, however long the field is. Malformed members are ignored; of
    /// several members for the same coding, the one with the highest weight counts.
    struct AcceptedCodings {
        // In thousandths; nil for a coding that is not in the field.
        private var gzip: Int?
        private var identity: Int?
        private var others: Int?

        init(_ field: String) {
            for member in field.utf8.split(separator: UInt8(ascii: ",")) { add(member) }
        }

        /// Whether gzip is acceptable, and has at least the weight of identity. A field with gzip alone prefers it.
        var prefersGzip: Bool { (gzip ?? others ?? 0) > 0 && (gzip ?? others ?? 0) >= (identity ?? 0) }

        /// Whether a response without a coding is not acceptable.
        var refusesIdentity: Bool { (identity ?? others) == 0 }

        private mutating func add(_ member: Substring.UTF8View.SubSequence) {
            let name = Self.trimmed(member.prefix { $0 != UInt8(ascii: ";") })
            guard let weight = Self.weight(member.dropFirst(member.prefix { $0 != UInt8(ascii: ";") }.count)) else {
                return
            }
            // "x-gzip" is an old name for the same, section 8.4.1.3.
            if Self.isSame(name, "gzip") || Self.isSame(name, "x-gzip") {
                gzip = max(gzip ?? 0, weight)
            } else if Self.isSame(name, "identity") {
                identity = max(identity ?? 0, weight)
            } else if Self.isSame(name, "*") {
                others = max(others ?? 0, weight)
            }
        }

        /// The weight after a coding, `;q=0.5`, in thousandths. 1,000 if there is none; nil if it is malformed.
        private static func weight(_ text: Substring.UTF8View.SubSequence) -> Int? {
            guard !text.isEmpty else { return 1000 }
            var rest = trimmed(text.dropFirst())
            guard rest.popFirst().map(ASCII.lowercased) == UInt8(ascii: "q"), rest.popFirst() == UInt8(ascii: "="),
                let whole = rest.popFirst(), whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1")
            else { return nil }
            var weight = whole == UInt8(ascii: "1") ? 1000 : 0
            guard let point = rest.popFirst() else { return weight }
            guard point == UInt8(ascii: "."), rest.count <= 3 else { return nil }
            for (digit, unit) in zip(rest, [100, 10, 1]) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                weight += Int(digit - UInt8(ascii: "0")) * unit
            }
            return weight <= 1000 ? weight : nil
        }

        private static func isSame(_ bytes: Substring.UTF8View.SubSequence, _ name: StaticString) -> Bool {
            guard bytes.count == name.utf8CodeUnitCount else { return false }
            return name.withUTF8Buffer { name in
                // Both have the same length.
                unsafe zip(bytes, name).allSatisfy { ASCII.lowercased($0) == $1 }
            }
        }

        private static func trimmed(_ bytes: Substring.UTF8View.SubSequence) -> Substring.UTF8View.SubSequence {
            let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            var rest = bytes.drop(while: isSpace)
            while let last = rest.last, isSpace(last) { rest.removeLast() }
            return rest
        }
    }
#endif
