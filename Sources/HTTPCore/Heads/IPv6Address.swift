/// The text of an IPv6 address, RFC 3986 section 3.2.2: eight groups, of which one run of zeros may be omitted.
///
/// Zone identifiers and the literals of future versions are refused: neither has a meaning for a server.
enum IPv6Address {
    static func isValid(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        var position = start
        var groupCount = 0
        var isCompressed = false
        if end - start >= 2, bytes[start] == UInt8(ascii: ":") {
            guard bytes[start + 1] == UInt8(ascii: ":") else { return false }
            isCompressed = true
            position += 2
        }
        while position < end {
            let groupEnd = bytes.endOfRun(of: .hexadecimal, from: position, to: end)
            if groupEnd < end, bytes[groupEnd] == UInt8(ascii: ".") {
                guard isIPv4(bytes, from: position, to: end) else { return false }
                groupCount += 2
                position = end
                break
            }
            guard (1...4).contains(groupEnd - position) else { return false }
            groupCount += 1
            position = groupEnd
            if position == end { break }
            // A colon must follow, and after it a group or the second colon of the one compression.
            guard bytes[position] == UInt8(ascii: ":"), position + 1 < end else { return false }
            position += 1
            if bytes[position] == UInt8(ascii: ":") {
                guard !isCompressed else { return false }
                isCompressed = true
                position += 1
            }
        }
        return isCompressed ? groupCount <= 7 : groupCount == 8
    }

    /// Four decimal numbers below 256 without leading zeros.
    private static func isIPv4(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        var position = start
        for part in 0..<4 {
            if part > 0 {
                guard position < end, bytes[position] == UInt8(ascii: ".") else { return false }
                position += 1
            }
            let first = position
            var value = 0
            while position < end, position - first < 3, ASCII.isDigit(bytes[position]) {
                value = value * 10 + Int(bytes[position] &- UInt8(ascii: "0"))
                position += 1
            }
            guard position > first, value < 256 else { return false }
            guard position - first == 1 || bytes[first] != UInt8(ascii: "0") else { return false }
        }
        return position == end
    }
}
