extension HeaderFields {
    /// The fields of lines that were checked: each a name, a colon, a value with white space around it, which is not
    /// part of it, and CR LF. Bytes that are not UTF-8 become U+FFFD.
    init(lines: RawSpan) {
        self.init()
        guard lines.byteCount > 0 else { return }
        let text = unsafe lines.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let isBlank = { (byte: UInt8) in " \t\r".utf8.contains(byte) }
            var value = line[colon...].dropFirst().drop(while: isBlank)
            while let last = value.last, isBlank(last) { value.removeLast() }
            append(name: String(Substring(line[..<colon])), value: String(Substring(value)))
        }
    }
}
