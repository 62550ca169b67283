import HTTPCore

/// The line before a chunk's data: chunk-size [ chunk-ext ] CR LF, RFC 9112 sections 7.1 and 7.1.1.
extension ChunkedDecoder {
    /// The largest number of digits in a chunk size, leading zeros included: as many as a 64-bit number has.
    static var maximumSizeDigitCount: Int { 16 }

    mutating func takeSizeLine(_ byte: UInt8) throws(Rejection) {
        switch step {
        case .sizeStart:
            remaining = 0
            sizeDigitCount = 0
            extensionByteCount = 0
            step = .size
            guard ASCII.hexadecimalValue(byte) != nil else { throw .chunkSizeMalformed }
            try takeSizeDigit(byte)
        case .size: try takeSize(byte)
        case .sizeLineFeed:
            guard byte == ASCII.lineFeed else { throw .carriageReturnBare }
            try endSizeLine()
        default:
            extensionByteCount += 1
            guard extensionByteCount <= limits.maximumExtensionByteCount || byte == ASCII.carriageReturn else {
                throw .chunkExtensionTooLong
            }
            try takeExtension(byte)
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(Rejection) {
        switch byte {
        case ASCII.carriageReturn: step = .sizeLineFeed
        case ASCII.lineFeed: throw .lineFeedBare
        case UInt8(ascii: ";"), ASCII.space, ASCII.tab:
            extensionByteCount = 1
            guard limits.maximumExtensionByteCount > 0 else { throw .chunkExtensionTooLong }
            step = byte == UInt8(ascii: ";") ? .extensionNameStart : .beforeSemicolon
        default: try takeSizeDigit(byte)
        }
    }

    private mutating func takeSizeDigit(_ byte: UInt8) throws(Rejection) {
        guard let digit = ASCII.hexadecimalValue(byte) else { throw .chunkSizeMalformed }
        sizeDigitCount += 1
        guard sizeDigitCount <= Self.maximumSizeDigitCount, remaining >> (Int.bitWidth - 5) == 0 else {
            throw .chunkSizeTooLarge
        }
        remaining = remaining << 4 | Int(digit)
    }

    /// RFC 9112 section 7.1.1: *( BWS ";" BWS name [ BWS "=" BWS value ] ), the value a token or a quoted string.
    ///
    /// RFC 9110 section 5.6.3 requires that such bad white space is accepted. After the last extension, or after the
    /// size alone, the grammar allows none, so there it is refused.
    private mutating func takeExtension(_ byte: UInt8) throws(Rejection) {
        if byte == ASCII.lineFeed { throw .lineFeedBare }
        let isWhitespace = ASCII.isWhitespace(byte)
        let isValue = ByteClass.value.contains(byte)
        let isToken = ByteClass.token.contains(byte)
        switch step {
        case .extensionNameStart where isWhitespace, .extensionValueStart where isWhitespace,
            .beforeSemicolon where isWhitespace, .afterExtensionName where isWhitespace,
            .extensionName where isToken, .extensionValue where isToken:
            break
        case .extensionNameStart where isToken: step = .extensionName
        case .extensionValueStart where isToken: step = .extensionValue
        case .extensionValueStart where byte == UInt8(ascii: "\""): step = .quotedValue
        case .quotedPair where isValue: step = .quotedValue
        case .quotedValue where byte == UInt8(ascii: "\\"): step = .quotedPair
        case .quotedValue where byte == UInt8(ascii: "\""): step = .quotedEnd
        case .quotedValue where isValue: break
        case .extensionName where isWhitespace: step = .afterExtensionName
        case .extensionName where byte == UInt8(ascii: "="), .afterExtensionName where byte == UInt8(ascii: "="):
            step = .extensionValueStart
        case .extensionValue where isWhitespace, .quotedEnd where isWhitespace: step = .beforeSemicolon
        case .extensionName, .afterExtensionName, .extensionValue, .quotedEnd, .beforeSemicolon:
            try endExtension(byte)
        default: throw .chunkExtensionMalformed
        }
    }

    /// Reads the byte after an extension: the next one, or the end of the line unless white space came between.
    private mutating func endExtension(_ byte: UInt8) throws(Rejection) {
        if byte == UInt8(ascii: ";") {
            step = .extensionNameStart
        } else if byte == ASCII.carriageReturn, step != .beforeSemicolon, step != .afterExtensionName {
            step = .sizeLineFeed
        } else {
            throw .chunkExtensionMalformed
        }
    }

    private mutating func endSizeLine() throws(Rejection) {
        // No overflow: the line is bounded, the size is clipped, and the sum never goes below zero.
        let allowance = 16 + 2 * min(remaining, 1 << 32)
        overheadByteCount = max(0, overheadByteCount + sizeDigitCount + extensionByteCount + 2 - allowance)
        guard overheadByteCount <= limits.maximumOverheadByteCount else { throw .chunkOverheadTooLarge }
        step = remaining == 0 ? .trailerStart : .data
    }
}
