/// A response as a client receives it.
struct RawResponse {
    var status = 0
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    var trailers: [String: String] = [:]

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RawClient {
    /// Sends a request without a body and reads its response.
    func get(_ path: String) throws -> RawResponse {
        try send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try readResponse()
    }

    /// Reads one response, delimited as its head says.
    func readResponse(toHead isHead: Bool = false) throws -> RawResponse {
        var response = RawResponse()
        var lines = try readHead()
        response.status = Int(lines.removeFirst().split(separator: " ")[1])!
        response.headers = RawClient.fields(lines)
        if isHead || response.status == 204 { return response }
        if response.headers["transfer-encoding"] == "chunked" {
            while true {
                guard let size = Int(try readLine(), radix: 16) else { throw Failure.noResponse }
                guard size > 0 else { break }
                response.body += try read(size)
                guard try read(2) == [13, 10] else { throw Failure.noResponse }
            }
            response.trailers = RawClient.fields(try readHead())
        } else if let length = response.headers["content-length"] {
            response.body = try read(Int(length)!)
        } else {
            response.body = try readToEnd()
        }
        return response
    }

    /// Reads the lines up to an empty one.
    private func readHead() throws -> [String] {
        var lines: [String] = []
        while true {
            let line = try readLine()
            if line.isEmpty { return lines }
            lines.append(line)
        }
    }

    private func readLine() throws -> String {
        String(decoding: try read(through: "\r\n").utf8.dropLast(2), as: UTF8.self)
    }

    private static func fields(_ lines: [String]) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
        }
        return fields
    }
}
