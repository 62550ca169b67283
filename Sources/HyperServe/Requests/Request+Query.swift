import HTTPCore

extension Request {
    /// The part of the target after the question mark, read as `name=value` pairs that are separated by `&`, as HTML
    /// forms send it: percent-encoded, and with `+` for a space.
    public struct Query: ~Copyable, @unchecked Sendable {
        // `@unchecked Sendable`, as the request is.
        let range: ByteRange
        let head: HeadView

        /// The query as it was sent, without the question mark.
        public var string: String { head.string(range) }

        /// Whether the query is absent or empty.
        public var isEmpty: Bool { range.isEmpty }

        /// The value of the first pair with this name, decoded; "" for a name without `=`. Nil if there is none.
        public subscript(name: String) -> String? {
            var start = range.lowerBound
            while start < range.upperBound {
                let rest = ByteRange(start: start, end: range.upperBound)
                let end = head.firstIndex(of: UInt8(ascii: "&"), in: rest) ?? range.upperBound
                let pair = ByteRange(start: start, end: end)
                let equals = head.firstIndex(of: UInt8(ascii: "="), in: pair) ?? end
                if head.decoded(ByteRange(start: start, end: equals), plusIsSpace: true) == name {
                    return head.decoded(ByteRange(start: min(equals + 1, end), end: end), plusIsSpace: true)
                }
                start = end + 1
            }
            return nil
        }
    }
}
