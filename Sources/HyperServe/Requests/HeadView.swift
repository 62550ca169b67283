import HTTPCore

/// A view of the bytes of a request head, or of a part of one.
///
/// Only for values that are borrowed from a request, and so can't be kept: the bytes are valid as long as the request.
@safe
struct HeadView {
    private let bytes: UnsafeRawBufferPointer

    @unsafe
    init(bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
    }

    /// Returns a copy of a range as a string. Bytes that are not UTF-8 become U+FFFD.
    func string(_ range: ByteRange) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(rebasing: slice(range)), as: UTF8.self)
    }

    /// Whether a range equals `name`, without regard to ASCII case.
    func equals(_ range: ByteRange, _ name: String) -> Bool {
        guard range.count == name.utf8.count else { return false }
        var index = range.lowerBound
        for byte in name.utf8 {
            guard ASCII.lowercased(byte) == ASCII.lowercased(unsafe bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Returns a percent-decoded copy of a range; if the encoding is malformed, a copy of the range as it was sent.
    func decoded(_ range: ByteRange, plusIsSpace: Bool = false) -> String {
        guard unsafe slice(range).contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") })
        else { return string(range) }
        var buffer = ByteBuffer()
        let part = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: slice(range)))
        guard PercentDecoding.decode(part, into: &buffer, plusIsSpace: plusIsSpace) else { return string(range) }
        return unsafe String(decoding: buffer.unsafeBytes, as: UTF8.self)
    }

    /// The first index of `byte` in a range, or nil.
    func firstIndex(of byte: UInt8, in range: ByteRange) -> Int? {
        unsafe slice(range).firstIndex(of: byte)
    }

    // The parser's ranges lie within the head; the slice traps if one does not.
    func slice(_ range: ByteRange) -> Slice<UnsafeRawBufferPointer> {
        unsafe bytes[range.lowerBound..<range.upperBound]
    }
}

extension HeadView {
    /// Returns a view of a range.
    func part(_ range: ByteRange) -> HeadView { unsafe HeadView(bytes: UnsafeRawBufferPointer(rebasing: slice(range))) }

    /// Calls `body` with all bytes, without copying them.
    func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try unsafe body(RawSpan(_unsafeBytes: bytes))
    }

    /// Calls `body` with the bytes of a range, without copying them.
    func withBytes<Result>(_ range: ByteRange, _ body: (RawSpan) throws -> Result) rethrows -> Result {
        try unsafe body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: slice(range))))
    }
}
