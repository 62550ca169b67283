/// The value of a field in a log entry. Its cases are those of swift-log's `MetadataValue`.
public enum LogValue: Sendable {
    /// Text.
    case string(String)
    /// A value that becomes text only if the entry is written.
    case stringConvertible(any CustomStringConvertible & Sendable)
    /// Several values.
    case array([LogValue])
    /// Values with keys of their own.
    case dictionary([String: LogValue])
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// Creates text.
    public init(stringLiteral value: String) { self = .string(value) }

    /// Creates a list of values.
    public init(arrayLiteral elements: LogValue...) { self = .array(elements) }

    /// Creates values with keys. Of several values for a key, the last one remains.
    public init(dictionaryLiteral elements: (String, LogValue)...) {
        self = .dictionary(Dictionary(elements) { _, last in last })
    }
}

extension LogValue: CustomStringConvertible {
    /// The text of the value, as it is: "[a, b]" for a list, and "[key: value]", in the order of the keys, for values
    /// with keys.
    public var description: String {
        switch self {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        case .dictionary(let values):
            "[\(values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))]"
        }
    }
}
