import HTTPCore

/// The trailer section, RFC 9112 section 7.1.2: field lines until an empty line.
extension ChunkedDecoder {
    mutating func takeTrailer(
        _ byte: UInt8, _ trailers: inout ByteBuffer, isCollecting: Bool
    ) throws(Rejection) {
        trailerByteCount += 1
        guard trailerByteCount <= limits.maximumTrailerByteCount + 2 else { throw .trailersTooLarge }
        switch step {
        case .trailerStart: try startTrailer(byte, trailers.count, isCollecting: isCollecting)
        case .trailerName: try takeTrailerName(byte, &trailers)
        case .trailerValue:
            guard ByteClass.value.contains(byte) else {
                guard byte == ASCII.carriageReturn else {
                    throw byte == ASCII.lineFeed ? .lineFeedBare : .fieldValueMalformed
                }
                step = .trailerLineFeed
                break
            }
        case .trailerLineFeed:
            guard byte == ASCII.lineFeed else { throw .carriageReturnBare }
            step = .trailerStart
        default:
            guard byte == ASCII.lineFeed else { throw .carriageReturnBare }
            step = .complete
            return
        }
        if isKeepingTrailer, step != .finalLineFeed { trailers.append(byte: byte) }
    }

    private mutating func startTrailer(_ byte: UInt8, _ collected: Int, isCollecting: Bool) throws(Rejection) {
        isKeepingTrailer = false
        switch byte {
        case ASCII.carriageReturn:
            step = .finalLineFeed
            return
        case ASCII.lineFeed: throw .lineFeedBare
        case ASCII.space, ASCII.tab: throw .lineFolded
        default: break
        }
        guard ByteClass.token.contains(byte) else { throw .fieldNameMalformed }
        trailerCount += 1
        guard trailerCount <= limits.maximumTrailerCount else { throw .trailersTooLarge }
        trailerLineStart = collected
        isKeepingTrailer = isCollecting
        step = .trailerName
    }

    private mutating func takeTrailerName(_ byte: UInt8, _ trailers: inout ByteBuffer) throws(Rejection) {
        if ByteClass.token.contains(byte) { return }
        switch byte {
        case UInt8(ascii: ":"): step = .trailerValue
        case ASCII.lineFeed: throw .lineFeedBare
        case ASCII.space, ASCII.tab: throw .whitespaceBeforeColon
        default: throw .fieldNameMalformed
        }
        guard isKeepingTrailer else { return }
        let start = trailerLineStart
        let isForbidden = trailers.withBytes { bytes in
            // Any byte is a valid UInt8, and bytes have no alignment.
            let input = unsafe bytes._unsafeView(as: UInt8.self)
            return ForbiddenTrailers.contains(input, from: start, to: input.count)
        }
        if isForbidden {
            trailers.truncate(to: start)
            isKeepingTrailer = false
        }
    }
}
