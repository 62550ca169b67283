import HTTPCore

/// The errors of Transfer-Encoding values other than `chunked`.
enum TransferCodings {
    /// RFC 9112 section 6.1 requires 501 for unknown codings. Section 6.3 requires 400 for a body whose end is unknown,
    /// which is the case unless `chunked` is the last coding and does not occur before.
    static func rejection(_ bytes: Span<UInt8>, _ value: ByteRange) -> Rejection {
        var start = value.lowerBound
        while true {
            var comma = start
            while comma < value.upperBound, bytes[comma] != UInt8(ascii: ",") { comma += 1 }
            let coding = bytes.trimmed(from: start, to: comma)
            let isChunked = bytes.equalsIgnoringCase("chunked", in: coding)
            let isLast = comma == value.upperBound
            if isLast { return isChunked ? .transferEncodingUnknown : .transferEncodingMalformed }
            // Parameters are not examined: with any of them, the coding is not one that is implemented.
            let name = bytes.endOfRun(of: .token, from: coding.lowerBound, to: coding.upperBound)
            let isToken = !coding.isEmpty && name == coding.upperBound
            guard isToken, !isChunked else { return .transferEncodingMalformed }
            start = comma + 1
        }
    }
}
