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
        if let key = key(type, named: name, from: name) { return key }
        let spellings = SnakeCaseSpellings(of: name)
        if let key = key(type, named: spellings.usual, from: name) { return key }
        guard spellings.wordCount <= maximumWordCount else { return nil }
        for candidate in spellings.abbreviated(maximumCount: maximumSpellingCount) {
            if let key = key(type, named: candidate, from: name) { return key }
        }
        return nil
    }

    private static func key<Key: CodingKey>(_ type: Key.Type, named candidate: String, from name: String) -> Key? {
        guard let key = Key(stringValue: candidate), self.name(key.stringValue) == name else { return nil }
        return key
    }
}

/// The names in camel case that may have become a name in snake case.
private struct SnakeCaseSpellings {
    private let underscores: Substring
    private let words: [Substring]

    init(of name: String) {
        let start = name.utf8.firstIndex { $0 != UInt8(ascii: "_") } ?? name.endIndex
        underscores = name[..<start]
        words = name[start...].split(separator: "_", omittingEmptySubsequences: false)
    }

    var wordCount: Int { words.count }

    /// The name without abbreviations.
    var usual: String { words.indices.reduce(into: String(underscores)) { $0 += usual($1) } }

    /// Names with abbreviations: first those with one, and at most half of the words, rounded up.
    func abbreviated(maximumCount: Int) -> [String] {
        var found: [String] = []
        for count in 1...(words.count + 1) / 2 {
            add(String(underscores), from: 0, abbreviations: count, canAbbreviate: true, maximumCount, to: &found)
        }
        return found
    }

    /// Adds the names that begin with `start` and have as many abbreviations from a word on.
    private func add(
        _ start: String, from index: Int, abbreviations count: Int, canAbbreviate: Bool, _ maximumCount: Int,
        to found: inout [String]
    ) {
        guard found.count < maximumCount, count <= words.count - index else { return }
        guard index < words.count else { return found.append(start) }
        let (word, usual) = (words[index], usual(index))
        if count > 0 {
            let whole = word.uppercased()
            // Two abbreviations in a row would be one word.
            if canAbbreviate, whole != usual {
                add(
                    start + whole, from: index + 1, abbreviations: count - 1, canAbbreviate: false, maximumCount,
                    to: &found)
            }
            let plural = word.dropLast().uppercased() + "s"
            if word.utf8.last == UInt8(ascii: "s"), plural != usual {
                add(
                    start + plural, from: index + 1, abbreviations: count - 1, canAbbreviate: true, maximumCount,
                    to: &found)
            }
        }
        add(start + usual, from: index + 1, abbreviations: count, canAbbreviate: true, maximumCount, to: &found)
    }

    private func usual(_ index: Int) -> String {
        let word = words[index]
        return index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
    }
}

extension UInt8 {
    fileprivate var isUppercaseLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
