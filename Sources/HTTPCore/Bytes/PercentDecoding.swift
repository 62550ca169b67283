/// Percent-decoding, RFC 3986 section 2.1.
package enum PercentDecoding {
    /// Appends the decoded `bytes` to `buffer`; with `plusIsSpace` a plus sign becomes a space, as in the queries of
    /// HTML forms. Returns false and appends nothing if a percent sign is not followed by two hexadecimal digits.
    ///
    /// The result may contain any byte, including a slash and NUL: it must not be split or matched as a path.
    package static func decode(_ bytes: RawSpan, into buffer: inout ByteBuffer, plusIsSpace: Bool) -> Bool {
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self)
        let before = buffer.count
        buffer.reserve(input.count)
        var position = 0
        while position < input.count {
            var byte = input[position]
            if byte == UInt8(ascii: "%") {
                guard input.count - position > 2, let high = ASCII.hexadecimalValue(input[position + 1]),
                    let low = ASCII.hexadecimalValue(input[position + 2])
                else {
                    buffer.truncate(to: before)
                    return false
                }
                byte = high << 4 | low
                position += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = ASCII.space
            }
            buffer.append(byte: byte)
            position += 1
        }
        return true
    }
}
