import HTTPCore

/// Tells apart the Transfer-Encoding values that are not plainly `chunked`.
enum TransferCodings {
    /// RFC 9112 section 6.1 has unknown codings answered 501. Section 6.3 has 400 for a body whose end is unknown,
    /// which is the case unless `chunked` is the last coding and not among the others.
    static func rejection(_ bytes: Span<UInt8>, _ value: ByteRange) -> Rejection {
        var start = value.lowerBound
        while true {
            var comma = start
            while comma < value.upperBound, bytes[comma] != UInt8(ascii: ",") { comma += 1 }
            let coding = bytes.trimmed(from: start, to: comma)
            let isChunked = bytes.equalsIgnoringCase("chunked", in: coding)
            let isLast = comma == value.upperBound
            if isLast { return isChunked ? .transferEncodingUnknown : .transferEncodingMalformed }
            // Parameters are not looked into: whatever they say, the coding is not one that is implemented.
            let name = bytes.endOfRun(of: .token, from: coding.lowerBound, to: coding.upperBound)
            let isToken = !coding.isEmpty && name == coding.upperBound
            guard isToken, !isChunked else { return .transferEncodingMalformed }
            start = comma + 1
        }
    }
}
