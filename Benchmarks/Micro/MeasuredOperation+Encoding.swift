import HTTP1
import HTTPCore

// A response to bytes.
extension MeasuredOperation {
    static let encoding = [MeasuredOperation(name: "encode-text") { repeatEncoding }]

    /// Encodes the response of a plain-text route, into one buffer.
    private static func repeatEncoding(_ count: Int) -> Int {
        var buffer = ByteBuffer()
        var date = DateField(unixSeconds: 784_111_777)
        var sum = 0
        for _ in 0..<count {
            date.update(unixSeconds: 784_111_777)
            buffer.appendHead(
                status: 200, date: date, contentType: "text/plain; charset=utf-8", contentLength: 13,
                connection: .keepAlive, isComplete: true)
            buffer.append("Hello, World!")
            sum += buffer.count
            buffer.removeAll()
        }
        return sum
    }
}
