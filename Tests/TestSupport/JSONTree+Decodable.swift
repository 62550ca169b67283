// A text as decoded by the decoder, to be compared with the result of a plain reader. Numbers are formatted by
// `Double`, and members are in the order of `allKeys`.
extension JSONTree: Decodable {
    package init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: AnyKey.self) {
            self = .object(
                try object.allKeys.map {
                    .init(name: $0.stringValue, value: try object.decode(JSONTree.self, forKey: $0))
                })
        } else if var array = try? decoder.unkeyedContainer() {
            var elements: [JSONTree] = []
            while !array.isAtEnd { elements.append(try array.decode(JSONTree.self)) }
            self = .array(elements)
        } else {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let flag = try? single.decode(Bool.self) {
                self = .bool(flag)
            } else if let text = try? single.decode(String.self) {
                self = .string(text)
            } else {
                self = .number("\(try single.decode(Double.self))")
            }
        }
    }

    /// The same with its numbers written as `Double` writes them, as the decoder gives them.
    package var rounded: JSONTree {
        switch self {
        case .number(let text): .number("\(Double(text)!)")
        case .array(let elements): .array(elements.map(\.rounded))
        case .object(let members): .object(members.map { .init(name: $0.name, value: $0.value.rounded) })
        default: self
        }
    }

    /// Whether some number is too large for a `Double`.
    package var overflows: Bool {
        switch self {
        case .number(let text): !Double(text)!.isFinite
        case .array(let elements): elements.contains(where: \.overflows)
        case .object(let members): members.contains(where: \.value.overflows)
        default: false
        }
    }

    /// Whether an object has a repeated name, compared byte by byte.
    package var repeatsNames: Bool {
        switch self {
        case .array(let elements): elements.contains(where: \.repeatsNames)
        case .object(let members):
            Set(members.map { Array($0.name.utf8) }).count < members.count
                || members.contains(where: \.value.repeatsNames)
        default: false
        }
    }
}

/// A key of any name.
package struct AnyKey: CodingKey, ExpressibleByStringLiteral {
    package let stringValue: String
    package let intValue: Int? = nil

    package init(stringLiteral value: String) {
        stringValue = value
    }

    package init(stringValue: String) {
        self.stringValue = stringValue
    }

    package init?(intValue: Int) {
        return nil
    }
}
