public import CHTTPScan

/// The scanning functions of C for spans.
///
/// Every function checks its range once and then reads only below `end`, which is at most `count`.
extension Span where Element == UInt8 {
    /// The end of the run of letters, digits, hyphens and dots that begins at `start`; `end` if it goes that far.
    @inlinable @inline(__always)
    package func endOfPlain(from start: Int, to end: Int) -> Int {
        checkRange(start, end)
        // In bounds: just checked; the C function reads nothing at or after `end`.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_plain($0.baseAddress, start, end)) }
    }

    /// The end of the run of bytes that are not control bytes.
    @inlinable @inline(__always)
    package func endOfText(from start: Int, to end: Int) -> Int {
        checkRange(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_text($0.baseAddress, start, end)) }
    }

    /// The end of the run of bytes that a field value may contain: no control bytes except tabs.
    @inlinable
    package func endOfValue(from start: Int, to end: Int) -> Int {
        var position = endOfText(from: start, to: end)
        while position < end, self[position] == ASCII.tab { position = endOfText(from: position + 1, to: end) }
        return position
    }

    /// The end of the run of path bytes; a percent sign, a question mark and a backslash end it too.
    @inlinable @inline(__always)
    package func endOfPath(from start: Int, to end: Int) -> Int {
        checkRange(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_path($0.baseAddress, start, end)) }
    }

    /// The end of the run of query bytes, which are also the bytes of any request target.
    @inlinable @inline(__always)
    package func endOfQuery(from start: Int, to end: Int) -> Int {
        checkRange(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_query($0.baseAddress, start, end)) }
    }

    /// The end of the run of bytes of `classes`, byte by byte.
    @inlinable
    package func endOfRun(of classes: ByteClass, from start: Int, to end: Int) -> Int {
        var position = start
        while position < end, classes.contains(self[position]) { position += 1 }
        return position
    }

    /// The precondition of every scan.
    @inlinable @inline(__always)
    package func checkRange(_ start: Int, _ end: Int) {
        precondition(start >= 0 && start <= end && end <= count, "a scan must stay within the bytes")
    }
}

/// A set of bytes that a rule of the grammar allows, or a union of such sets.
@usableFromInline
package struct ByteClass {
    @usableFromInline let bits: UInt8

    @inlinable init(bits: UInt8) { self.bits = bits }

    /// RFC 9110 section 5.6.2: the bytes of a token.
    @inlinable package static var token: ByteClass { ByteClass(bits: UInt8(hs_class_token)) }
    /// RFC 9110 section 5.5: the bytes of a field value, white space included.
    @inlinable package static var value: ByteClass { ByteClass(bits: UInt8(hs_class_value)) }
    /// RFC 3986 section 3.2.2: the bytes of a registered name, the percent sign excluded.
    @inlinable package static var host: ByteClass { ByteClass(bits: UInt8(hs_class_host)) }
    /// Hexadecimal digits of either case.
    @inlinable package static var hexadecimal: ByteClass { ByteClass(bits: UInt8(hs_class_hex)) }

    @inlinable @inline(__always)
    package func contains(_ byte: UInt8) -> Bool { hs_byte_is(byte, bits) }
}
