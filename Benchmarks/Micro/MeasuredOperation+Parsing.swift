import HTTP1
import HTTPCore

// Bytes to a request: heads, and a body in the chunked coding.
extension MeasuredOperation {
    static let parsing = [
        MeasuredOperation(name: "parse-browser") { repeatParsing(Inputs.browserHead) },
        MeasuredOperation(name: "parse-classic") { repeatParsing(Inputs.classicHead) },
        MeasuredOperation(name: "parse-small") { repeatParsing(Inputs.smallHead) },
        MeasuredOperation(name: "decode-chunked") { repeatDecoding(Inputs.chunkedBody) },
    ]

    /// Parses a head with one parser.
    private static func repeatParsing(_ text: String) -> (Int) -> Int {
        let bytes = Array(text.utf8)
        return { count in
            var parser = RequestParser()
            var sum = 0
            for _ in 0..<count {
                // The array lives for the call, and so does the span.
                let result = unsafe bytes.withUnsafeBytes { unsafe parser.parse(RawSpan(_unsafeBytes: $0)) }
                guard case .complete = result else { preconditionFailure("the head is valid") }
                sum += parser.head.byteCount
                parser.reset()
            }
            return sum
        }
    }

    private static func repeatDecoding(_ text: String) -> (Int) -> Int {
        let bytes = Array(text.utf8)
        return { count in
            var sum = 0
            for _ in 0..<count {
                var decoder = ChunkedDecoder()
                // As above.
                unsafe bytes.withUnsafeBytes { buffer in
                    let span = unsafe RawSpan(_unsafeBytes: buffer)
                    var offset = 0
                    while case .data(let start, let end) = decoder.decode(span, from: offset) {
                        sum += end - start
                        offset = end
                    }
                }
            }
            return sum
        }
    }
}
