import HTTP1
import HTTPCore

@testable import HyperServe
@testable import Reactor

/// The rule: whatever a handler sets, a client reads exactly one response, which is the handler's or a 500.
enum ResponseOracle {
    /// An encoded response.
    struct Encoded {
        var bytes: [UInt8] = []
        var goesOn = false
        /// The body that the client must receive; nil if the response was aborted.
        var body: [UInt8]? = []
    }

    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        var input = FuzzInput(input)
        let encoder = ResponseEncoder(isHead: input.bit(), minorVersion: input.byte() & 1, keepsAlive: input.bit())
        var response = Response(status: Status(200 + Int(input.byte()) % 110)!)
        if input.bit() { response = Response(status: input.bit() ? .noContent : .notModified) }
        switch input.byte() % 4 {
        case 0: response.contentType = .plainText
        case 1: response.contentType = MediaType(input.text(maximum: 20))
        default: break
        }
        for _ in 0..<(input.byte() & 3) {
            response.headers.append(name: name(&input), value: input.text(maximum: 40))
        }
        var encoded = encode(&response, encoder, &input)
        if isPlanted { plant(in: &encoded, response) }
        return NaiveResponse(encoded.bytes, isHead: encoder.isHead).difference(from: encoded, of: response, encoder)
    }

    /// Returns a field name from the input, or one that the server sets itself.
    private static func name(_ input: inout FuzzInput) -> String {
        let names = ["Date", "connection", "Content-length", "Transfer-Encoding", "Trailer", "X-A", "Content-Type"]
        let choice = Int(input.byte())
        return choice < names.count ? names[choice] : input.text(maximum: 20)
    }

    private static func encode(
        _ response: inout Response, _ encoder: ResponseEncoder, _ input: inout FuzzInput
    ) -> Encoded {
        var output = ByteBuffer()
        var encoded = Encoded()
        let date = DateField(unixSeconds: 0)
        switch input.byte() % 4 {
        case 0: break
        case 1: response.body = .text(input.text(maximum: 60))
        case 2: response.body = .bytes(input.bytes(maximum: 60))
        default:
            let length = input.bit() ? Int(input.byte()) : nil
            let trailers = (0..<(input.byte() & 1)).map { _ in name(&input) }
            let stream = ResponseStream(contentLength: length, trailerNames: trailers, producer: .blocking { _ in })
            response.body = .stream(stream)
            let begun = encoder.begin(
                response.head, contentLength: length, trailerNames: trailers, date: date, into: &output)
            encoded.goesOn = begun.head.keepsAlive
            if let body = begun.body {
                var streamed = StreamedBody(stream, .http1(body))
                encoded.body = write(&streamed, trailers, &output, &input)
            }
            encoded.bytes = output.array
            return encoded
        }
        var content = ResponseContent.empty
        if case .text(let text) = response.body { content = .text(text) }
        if case .bytes(let bytes) = response.body { content = .bytes(bytes) }
        var queue = OutputQueue()
        encoded.goesOn = encoder.encode(response.head, content, date: date, into: &queue).keepsAlive
        if !encoder.isHead, !response.status.hasNoBody {
            if case .text(let text) = content { encoded.body = Array(text.utf8) }
            if case .bytes(let bytes) = content { encoded.body = bytes }
        }
        while !queue.isEmpty {
            var segment = OutputSegment()
            queue.takeFirst(into: &segment)
            // A copy.
            unsafe encoded.bytes += segment.unsafeBytes
        }
        return encoded
    }

    /// Streams a body from the input. Returns nil if the encoder refuses its end.
    private static func write(
        _ streamed: inout StreamedBody, _ trailers: [String], _ output: inout ByteBuffer, _ input: inout FuzzInput
    ) -> [UInt8]? {
        var body: [UInt8] = []
        for _ in 0..<(input.byte() & 3) {
            let chunk = input.bytes(maximum: 100)
            // A span of `UInt8`, which has no padding.
            guard (try? unsafe streamed.append(chunk.span.bytes, to: &output)) != nil else { return nil }
            body += chunk
        }
        var fields = HeaderFields()
        for trailer in trailers { fields.append(name: trailer, value: input.text(maximum: 20)) }
        return (try? streamed.appendEnd(fields, to: &output)) == nil ? nil : body
    }

    /// The bug: a value with a line feed is sent if its name is X-A.
    private static func plant(in encoded: inout Encoded, _ response: Response) {
        guard let value = response.headers["x-a"], value.utf8.contains(10), encoded.body != nil else { return }
        encoded.bytes = Array("HTTP/1.1 200 OK\r\nX-A: \(value)\r\nContent-Length: 0\r\n\r\n".utf8)
    }
}

extension ByteBuffer {
    /// A copy of the contents.
    var array: [UInt8] {
        // The bytes are copied while they are valid.
        unsafe [UInt8](unsafeBytes)
    }
}
