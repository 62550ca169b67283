extension String {
    /// UTF-8 without the spaces and tabs at its ends, the optional white space of RFC 9110 section 5.6.3.
    init(trimming bytes: some BidirectionalCollection<UInt8>) {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) }.map(bytes.index(after:)) ?? start
        self.init(decoding: bytes[start..<end], as: UTF8.self)
    }
}
