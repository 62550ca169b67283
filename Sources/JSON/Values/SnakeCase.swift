/// Names of several words, separated by underscores.
package enum SnakeCase {
    /// As many words as a name may have for each to be tried as an abbreviation.
    private static let maximumWordCount = 5

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

    /// Returns the key whose name becomes `name`, or nil. There may be several names that do, with an abbreviation in
    /// capitals or without, so all of them are tried.
    package static func key<Key: CodingKey>(_ type: Key.Type, from name: String) -> Key? {
        for candidate in candidates(for: name) {
            if let key = Key(stringValue: candidate), self.name(key.stringValue) == name { return key }
        }
        return nil
    }

    /// The names that may have become `name`: first what is most likely.
    private static func candidates(for name: String) -> [String] {
        let start = name.utf8.firstIndex { $0 != UInt8(ascii: "_") } ?? name.endIndex
        let words = name[start...].split(separator: "_", omittingEmptySubsequences: false)
        var candidates = [String(name[..<start])]
        for (index, word) in words.enumerated() {
            let isShort = words.count <= maximumWordCount
            let spellings = spellings(of: word, isFirst: index == 0).prefix(isShort ? 3 : 1)
            candidates = spellings.flatMap { spelling in candidates.map { $0 + spelling } }
        }
        return [name] + candidates
    }

    /// A word as such, as an abbreviation, and as the plural of an abbreviation.
    private static func spellings(of word: Substring, isFirst: Bool) -> [String] {
        let usual = isFirst ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
        return [usual, word.uppercased()] + (word.hasSuffix("s") ? [word.dropLast().uppercased() + "s"] : [])
    }
}

extension UInt8 {
    fileprivate var isUppercaseLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
