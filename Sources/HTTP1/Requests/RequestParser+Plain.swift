import CHTTPScan
import HTTPCore

/// The fast path for complete heads of the common form.
///
/// It parses complete lines of the common form and leaves every other line, and every error, to the general path, which
/// starts again at the line's first byte. So it makes no decision: without it the results are the same, which the tests
/// check by feeding the general path with single bytes.
extension RequestParser {
    /// Parses a line such as `GET /path?query HTTP/1.1`, including its end, or returns false and changes nothing.
    @inline(__always)
    mutating func takePlainRequestLine(_ input: Span<UInt8>) -> Bool {
        guard cursor == 0, input.count >= 16 else { return false }
        let method: MethodNumber
        if input.has("GET ", at: 0, as: UInt32.self) {
            method = .get
        } else if input.has("POST", at: 0, as: UInt32.self), input[4] == ASCII.space {
            method = .post
        } else {
            return false
        }
        let start = method == .get ? 4 : 5
        guard input[start] == UInt8(ascii: "/") else { return false }
        var end = start &+ 1
        var pathEnd = end
        // A percent sign ends the search, so that the general path handles it.
        if input[end] != ASCII.space {
            end = input.endOfTarget(from: start, to: input.count, pathEnd: &pathEnd)
        }
        guard end &- start <= limits.maximumTargetByteCount, input.count &- end >= 11,
            input[end] == ASCII.space, input.has("HTTP/1.1", at: end &+ 1, as: UInt64.self),
            input.has("\r\n", at: end &+ 9, as: UInt16.self)
        else { return false }
        head.method = method
        head.target = ByteRange(start: start, end: end)
        head.path = ByteRange(start: start, end: pathEnd)
        if pathEnd < end { head.query = ByteRange(start: pathEnd &+ 1, end: end) }
        cursor = end &+ 11
        return true
    }

    /// Parses field lines such as `Name: value` while they have this form and the table has room.
    @inline(__always)
    mutating func takePlainFields(_ input: Span<UInt8>) throws(Halt) {
        let count = head.fields.count
        let room = min(limits.maximumFieldCount &- count, Int(hs_fields_maximum))
        guard room > 0 else { return }
        var next = cursor
        var marked: UInt64 = 0
        unsafe head.fields.append(maximum: room) { table in
            unsafe input.scanPlainFields(from: &next, into: table, marked: &marked)
        }
        // These lines are complete; each is checked before anything after it.
        while marked != 0 {
            try interpret(head.fields[count &+ marked.trailingZeroBitCount], input)
            marked &= marked &- 1
        }
        cursor = next
    }
}
