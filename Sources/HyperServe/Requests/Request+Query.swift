import HTTPCore

extension Request {
    /// The part of the target behind the question mark, read as `name=value` pairs separated by `&`, as HTML forms
    /// write it: percent-encoded, and with `+` for a space.
    public struct Query: ~Copyable {
        let range: ByteRange
        let text: HeadText

        /// The query as it was sent, without the question mark.
        public var string: String { text.string(range) }

        /// Whether there is nothing behind the question mark.
        public var isEmpty: Bool { range.isEmpty }

        /// The value of the first pair with this name, decoded; "" for a name without `=`. Nil if there is none.
        public subscript(name: String) -> String? {
            var start = range.lowerBound
            while start < range.upperBound {
                let rest = ByteRange(start: start, end: range.upperBound)
                let end = text.firstIndex(of: UInt8(ascii: "&"), in: rest) ?? range.upperBound
                let pair = ByteRange(start: start, end: end)
                let equals = text.firstIndex(of: UInt8(ascii: "="), in: pair) ?? end
                if text.decoded(ByteRange(start: start, end: equals), plusIsSpace: true) == name {
                    return text.decoded(ByteRange(start: min(equals + 1, end), end: end), plusIsSpace: true)
                }
                start = end + 1
            }
            return nil
        }
    }
}
