/// Names of several words, separated by underscores.
package enum SnakeCase {
    /// As many words as a name may have for each to be tried as an abbreviation.
    private static let maximumWordCount = 5
    /// As many spellings with abbreviations as are tried for a name: all of five words without plurals.
    private static let maximumSpellingCount = 12

    /// Whether keys of a type are names in a program: those of a dictionary are not.
    package static func applies(to keys: any CodingKey.Type) -> Bool {
        keys != JSONPathKey.self && String(reflecting: keys) != "Swift._DictionaryCodingKey"
    }

    /// Returns the key with its name in snake case.
    package static func key(_ key: some CodingKey) -> JSONPathKey { JSONPathKey(name: name(key.stringValue)) }

    /// Returns a name in camel case with underscores before its words, in lower case. Only ASCII letters are changed.
    package static func name(_ name: String) -> String {
        let bytes = Array(name.utf8)
        var snake: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if byte.isUppercaseLetter, index > 0, bytes[index - 1] != UInt8(ascii: "_") {
                // The last capital of an abbreviation begins the next word, as in `baseURLPath`, unless what follows
                // is its plural, as in `userIDs`.
                let rest = bytes[(index + 1)...].prefix { $0.isLowercaseLetter }
                let beginsWord = !rest.isEmpty && !rest.elementsEqual("s".utf8)
                if !bytes[index - 1].isUppercaseLetter || beginsWord { snake.append(UInt8(ascii: "_")) }
            }
            snake.append(byte.isUppercaseLetter ? byte | 0x20 : byte)
        }
        return String(decoding: snake, as: UTF8.self)
    }

    /// Returns the key whose name becomes `name`, or nil. Several names do, with abbreviations in capitals or without:
    /// those with the fewest abbreviations are tried first, and at most `maximumSpellingCount` in all, since a client
    /// may send many names that lead to no key.
    package static func key<Key: CodingKey>(_ type: Key.Type, from name: String) -> Key? {
        guard !name.utf8.contains(where: \.isUppercaseLetter) else { return nil }
        if let key = key(type, named: name, from: name) { return key }
        var spellings = SnakeCaseSpellings(of: name)
        if let key = key(type, named: spellings.current, from: name) { return key }
        guard spellings.wordCount <= maximumWordCount else { return nil }
        var found: Key?
        spellings.forEachAbbreviated(maximumCount: maximumSpellingCount) { candidate in
            found = key(type, named: candidate, from: name)
            return found == nil
        }
        return found
    }

    private static func key<Key: CodingKey>(_ type: Key.Type, named candidate: String, from name: String) -> Key? {
        guard let key = Key(stringValue: candidate), self.name(key.stringValue) == name else { return nil }
        return key
    }
}

/// The names in camel case that may have become a name in snake case. The bytes are changed in place, since a client
/// may send many names.
private struct SnakeCaseSpellings {
    /// The words, after the underscores at the beginning.
    private var bytes: [UInt8] = []
    private var words: [Range<Int>] = []

    /// Creates the usual spelling, without abbreviations.
    init(of name: String) {
        var start = 0
        var isInside = false
        for byte in name.utf8 {
            if byte == UInt8(ascii: "_"), isInside {
                words.append(start..<bytes.count)
                start = bytes.count
            } else {
                if byte != UInt8(ascii: "_"), !isInside { (start, isInside) = (bytes.count, true) }
                bytes.append(byte)
            }
        }
        words.append(start..<bytes.count)
        for word in words.dropFirst() { setUppercase(true, word.prefix(1)) }
    }

    var wordCount: Int { words.count }

    /// The current spelling: in the beginning and at the end, the usual one.
    var current: String { String(decoding: bytes, as: UTF8.self) }

    /// Calls `body` with spellings with abbreviations, until it returns false: first those with one.
    mutating func forEachAbbreviated(maximumCount: Int, _ body: (String) -> Bool) {
        var left = maximumCount
        for count in 1...words.count {
            if !spell(from: 0, abbreviations: count, canAbbreviate: true, &left, body) { return }
        }
    }

    /// Calls `body` with the spellings that have as many abbreviations from a word on. Returns whether to go on.
    private mutating func spell(
        from index: Int, abbreviations count: Int, canAbbreviate: Bool, _ left: inout Int, _ body: (String) -> Bool
    ) -> Bool {
        guard count <= words.count - index else { return true }
        guard index < words.count else {
            left -= 1
            return body(current) && left > 0
        }
        if count > 0 {
            // What the usual spelling has in lower case.
            let whole = words[index].dropFirst(index == 0 ? 0 : 1)
            let isPlural = whole.last.map { bytes[$0] == UInt8(ascii: "s") } ?? false
            // Two abbreviations in a row would be one word, unless a digit or a plural's s is between them.
            let endsInLetter = whole.last.map { bytes[$0].isLowercaseLetter } ?? false
            let abbreviations = [(whole, canAbbreviate, endsInLetter), (whole.dropLast(), isPlural, false)]
            for (range, isAllowed, joins) in abbreviations
            where isAllowed && bytes[range].contains(where: \.isLowercaseLetter) {
                setUppercase(true, range)
                let goesOn = spell(
                    from: index + 1, abbreviations: count - 1, canAbbreviate: !joins, &left, body)
                setUppercase(false, range)
                if !goesOn { return false }
            }
        }
        return spell(from: index + 1, abbreviations: count, canAbbreviate: true, &left, body)
    }

    /// Changes the case of ASCII letters.
    private mutating func setUppercase(_ isUppercase: Bool, _ range: Range<Int>) {
        for index in range {
            let byte = bytes[index]
            if isUppercase ? byte.isLowercaseLetter : byte.isUppercaseLetter { bytes[index] = byte ^ 0x20 }
        }
    }
}

extension UInt8 {
    fileprivate var isUppercaseLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
