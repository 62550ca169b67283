/// The options on the command line.
struct LoadOptions {
    static let usage = """
        usage: open-loop --port PORT --connections N --rate R --seconds S [options]

          --host ADDRESS         the server's address or name (127.0.0.1)
          --port PORT            the server's port
          --connections N        keep-alive connections, from 1 to 60000
          --rate R               requests per second, over all connections
          --seconds S            how long to measure
          --warmup-seconds W     how long to send before that, at the same rate (1)
          --path PATH            the request target (/)
          --method METHOD        the request method (GET)
          --body-bytes N         the length of the requests' body (none)
          --expected-length N    what each response's Content-Length must be (anything)
          --timeout-milliseconds N
                                 when a request without a response is given up, from when it was meant to be sent (5000)
          --json                 print JSON

        Ends with status 1 when any measured request failed, was given up, or got a status other than 2xx.
        """

    private(set) var host = "127.0.0.1"
    private(set) var port = 0
    private(set) var connectionCount = 0
    private(set) var rate = 0.0
    private(set) var seconds = 0.0
    private(set) var warmUpSeconds = 1.0
    private(set) var path = "/"
    private(set) var method = "GET"
    private(set) var bodyByteCount = 0
    private(set) var expectedLength: Int?
    private(set) var timeoutMilliseconds = 5_000
    private(set) var isJSON = false

    init(_ arguments: [String]) throws(LoadError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--json" {
                isJSON = true
                continue
            }
            guard let value = rest.popFirst() else { throw LoadError("\(name) needs a value\n\(Self.usage)") }
            try set(name, value)
        }
        for (name, isMissing) in [
            ("--port", port == 0), ("--connections", connectionCount == 0), ("--rate", rate == 0),
            ("--seconds", seconds == 0),
        ] where isMissing {
            throw LoadError("\(name) is missing\n\(Self.usage)")
        }
    }

    /// The bytes of every request.
    var request: [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\n"
        if bodyByteCount > 0 { head += "Content-Length: \(bodyByteCount)\r\n" }
        return Array((head + "\r\n").utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: bodyByteCount)
    }

    private mutating func set(_ name: String, _ value: String) throws(LoadError) {
        switch name {
        case "--host": host = value
        case "--port": port = try Self.number(name, value, 1...65_535)
        case "--connections": connectionCount = try Self.number(name, value, 1...60_000)
        case "--rate": rate = try Self.number(name, value, 0.1...10_000_000)
        case "--seconds": seconds = try Self.number(name, value, 0.1...86_400)
        case "--warmup-seconds": warmUpSeconds = try Self.number(name, value, 0...86_400)
        case "--path": path = value
        case "--method": method = value
        case "--body-bytes": bodyByteCount = try Self.number(name, value, 0...1 << 30)
        case "--expected-length": expectedLength = try Self.number(name, value, 0...Int.max)
        case "--timeout-milliseconds": timeoutMilliseconds = try Self.number(name, value, 1...3_600_000)
        default: throw LoadError("unknown option \(name)\n\(Self.usage)")
        }
    }

    private static func number<Number: LosslessStringConvertible & Comparable>(
        _ name: String, _ value: String, _ range: ClosedRange<Number>
    ) throws(LoadError) -> Number {
        guard let number = Number(value), range.contains(number) else {
            throw LoadError("\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        return number
    }
}
