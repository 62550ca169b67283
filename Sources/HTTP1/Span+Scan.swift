import CHTTPScan

/// The bridge from spans to the scanning functions, and the only place of the parser that touches a pointer.
///
/// Every function checks its range once and then reads only below `end`, which is at most `count`.
extension Span where Element == UInt8 {
    /// The end of the run of letters, digits, hyphens and dots that begins at `start`; `end` if it goes that far.
    @inline(__always)
    func endOfPlain(from start: Int, to end: Int) -> Int {
        check(start, end)
        // In bounds: just checked; the C function reads nothing at or behind `end`.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_plain($0.baseAddress, start, end)) }
    }

    /// The end of the run of bytes that are no control bytes.
    @inline(__always)
    func endOfText(from start: Int, to end: Int) -> Int {
        check(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_text($0.baseAddress, start, end)) }
    }

    /// The end of the run of bytes that a field value may hold: no control bytes but tabs.
    func endOfValue(from start: Int, to end: Int) -> Int {
        var position = endOfText(from: start, to: end)
        while position < end, self[position] == ASCII.tab { position = endOfText(from: position + 1, to: end) }
        return position
    }

    /// The end of the run of path bytes; a percent sign, a question mark and a backslash end it too.
    @inline(__always)
    func endOfPath(from start: Int, to end: Int) -> Int {
        check(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_path($0.baseAddress, start, end)) }
    }

    /// The end of the run of query bytes, which are also the bytes of any request target.
    @inline(__always)
    func endOfQuery(from start: Int, to end: Int) -> Int {
        check(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe Int(hs_scan_query($0.baseAddress, start, end)) }
    }

    /// The end of the target that begins at `start`; see `hs_target_scan`.
    @inline(__always)
    func endOfTarget(from start: Int, to end: Int, pathEnd: inout Int) -> Int {
        check(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer {
            unsafe hs_target_scan($0.baseAddress, start, end, &pathEnd)
        }
    }

    /// Fills `table` with the plain field lines that begin at `start`, and moves `start` behind them; see
    /// `hs_fields_scan`. `marked` gets a bit for each line that `RequestParser.interpret` must see.
    @inline(__always)
    func scanPlainFields(
        from start: inout Int, into table: UnsafeMutableBufferPointer<FieldRange>, marked: inout UInt64
    ) -> Int {
        check(start, count)
        guard let fields = table.baseAddress else { return 0 }
        precondition(MemoryLayout<FieldRange>.size == MemoryLayout<hs_field>.size, "the same four numbers")
        return unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            // In bounds: the start was just checked, and the C function reads nothing behind the bytes and writes
            // nothing behind the table. A `FieldRange` and an `hs_field` are both four 32-bit numbers, in the same
            // order.
            return unsafe fields.withMemoryRebound(to: hs_field.self, capacity: table.count) { fields in
                unsafe hs_fields_scan(base, &start, bytes.count, fields, table.count, &marked)
            }
        }
    }

    /// Whether `self[start..<end]` is a host of the commonest shape, and what stands behind it is not part of one; see
    /// `hs_host_is_plain`.
    @inline(__always)
    func isPlainHost(from start: Int, to end: Int) -> Bool {
        check(start, end)
        // In bounds, as above.
        return unsafe withUnsafeBufferPointer { unsafe hs_host_is_plain($0.baseAddress, start, end, $0.count) }
    }

    /// The end of the run of bytes of `classes`, byte by byte.
    func endOfRun(of classes: ByteClass, from start: Int, to end: Int) -> Int {
        var position = start
        while position < end, classes.contains(self[position]) { position += 1 }
        return position
    }

    /// Whether the bytes at `offset` are `literal`, which has as many bytes as `Word`; one load and one comparison.
    @inline(__always)
    func has<Word: FixedWidthInteger & BitwiseCopyable>(
        _ literal: StaticString, at offset: Int, as type: Word.Type
    ) -> Bool {
        let size = MemoryLayout<Word>.size
        precondition(literal.utf8CodeUnitCount == size, "the literal fills the word")
        precondition(offset >= 0 && offset <= count &- size, "a word must lie within the bytes")
        return unsafe withUnsafeBytes { bytes in
            // In bounds: just checked; unaligned loads of integers are always valid.
            let expected = unsafe UnsafeRawPointer(literal.utf8Start).loadUnaligned(as: type)
            return unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type) == expected
        }
    }

    @inline(__always)
    private func check(_ start: Int, _ end: Int) {
        precondition(start >= 0 && start <= end && end <= count, "a scan must stay within the bytes")
    }
}
