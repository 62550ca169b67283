/// An answer as a client reads it off the connection.
struct Answer {
    var status = 0
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    var trailers: [String: String] = [:]

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RawClient {
    /// Sends a request without a body and reads its answer.
    func get(_ path: String) throws -> Answer {
        try send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try readAnswer()
    }

    /// Reads one answer, delimited as its head says.
    func readAnswer(toHead isHead: Bool = false) throws -> Answer {
        var answer = Answer()
        var lines = try readHead()
        answer.status = Int(lines.removeFirst().split(separator: " ")[1])!
        answer.headers = RawClient.fields(lines)
        if isHead || answer.status == 204 { return answer }
        if answer.headers["transfer-encoding"] == "chunked" {
            while true {
                guard let size = Int(try readLine(), radix: 16) else { throw Failure.noAnswer }
                guard size > 0 else { break }
                answer.body += try read(size)
                guard try read(2) == [13, 10] else { throw Failure.noAnswer }
            }
            answer.trailers = RawClient.fields(try readHead())
        } else if let length = answer.headers["content-length"] {
            answer.body = try read(Int(length)!)
        } else {
            answer.body = try readToEnd()
        }
        return answer
    }

    /// The lines up to an empty one.
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
