import CHTTPScan
import HTTPCore

/// The functions of C that parse plain heads, for spans, like the scans of `HTTPCore`.
extension Span where Element == UInt8 {
    /// The end of the target that begins at `start`; see `hs_target_scan`.
    @inline(__always)
    func endOfTarget(from start: Int, to end: Int, pathEnd: inout Int) -> Int {
        checkRange(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer {
            unsafe hs_target_scan($0.baseAddress, start, end, &pathEnd)
        }
    }

    /// Fills `table` with the plain field lines that begin at `start`, and moves `start` past them; see
    /// `hs_fields_scan`. `marked` receives a bit for each line that `RequestParser.interpret` must see.
    @inline(__always)
    func scanPlainFields(
        from start: inout Int, into table: UnsafeMutableBufferPointer<FieldRange>, marked: inout UInt64
    ) -> Int {
        checkRange(start, count)
        guard let fields = table.baseAddress else { return 0 }
        precondition(MemoryLayout<FieldRange>.size == MemoryLayout<hs_field>.size, "a FieldRange is an hs_field")
        return unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            // In bounds: the start was just checked, and the C function reads nothing after the bytes and writes
            // nothing after the table. A `FieldRange` and an `hs_field` are both four 32-bit numbers, in the same
            // order.
            return unsafe fields.withMemoryRebound(to: hs_field.self, capacity: table.count) { fields in
                unsafe hs_fields_scan(base, &start, bytes.count, fields, table.count, &marked)
            }
        }
    }

    /// Whether `self[start..<end]` is a host of the most common form, and the byte after it is not part of one; see
    /// `hs_host_is_plain`.
    @inline(__always)
    func isPlainHost(from start: Int, to end: Int) -> Bool {
        checkRange(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe hs_host_is_plain($0.baseAddress, start, end, $0.count) }
    }
}
