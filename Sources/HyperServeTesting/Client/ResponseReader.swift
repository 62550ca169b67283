import HTTPCore
import HyperServe

/// Parses the responses on a connection. It is strict, since any violation of HTTP/1.1 is a mistake of the server.
actor ResponseReader {
    /// The head of a final response.
    struct Head {
        let status: Status
        let headers: HeaderFields
    }

    /// The rest of the body.
    private enum Rest {
        case nothing
        case bytes(Int)
        /// In a chunk with this number of bytes left; with 0, before the next chunk.
        case chunks(Int)
        case untilClose
    }

    private let socket: MemorySocket
    /// Bytes that were received and not read yet.
    private var input: ArraySlice<UInt8> = []
    private var rest = Rest.nothing
    private(set) var trailers = HeaderFields()

    init(_ socket: MemorySocket) { self.socket = socket }

    func readResponse(toHead isHead: Bool) async throws -> TestResponse {
        let head = try await readHead(toHead: isHead)
        var body: [UInt8] = []
        while let chunk = try await nextChunk() { body += chunk }
        return TestResponse(status: head.status, headers: head.headers, body: body, trailers: trailers)
    }

    /// Reads the head of the next response. Interim responses are skipped.
    func readHead(toHead isHead: Bool) async throws -> Head {
        trailers = HeaderFields()
        while true {
            let line = try await readLine()
            let code = try statusCode(line)
            let headers = try await readFields()
            // An interim response.
            guard let status = Status(code) else { continue }
            let head = Head(status: status, headers: headers)
            rest = try isHead ? .nothing : framing(head)
            return head
        }
    }

    /// Returns the next bytes of the body, never empty, or nil at its end.
    func nextChunk() async throws -> [UInt8]? {
        switch rest {
        case .nothing: return nil
        case .bytes(let count):
            let bytes = try await read(atMost: count)
            rest = bytes.count == count ? .nothing : .bytes(count - bytes.count)
            return bytes
        case .untilClose:
            let bytes = try await readSome()
            if bytes.isEmpty { rest = .nothing }
            return bytes.isEmpty ? nil : bytes
        case .chunks(var count):
            if count == 0 { count = try await readChunkSize() }
            guard count > 0 else {
                trailers = try await readFields()
                rest = .nothing
                return nil
            }
            let bytes = try await read(atMost: count)
            rest = .chunks(count - bytes.count)
            if bytes.count == count, try await !readLine().isEmpty {
                throw TestError.malformedResponse("a chunk is longer than it says")
            }
            return bytes
        }
    }

    /// Returns the bytes that have arrived, or waits for the next ones.
    func readSome() async throws -> [UInt8] {
        if input.isEmpty { return try await socket.receive() }
        defer { input = [] }
        return Array(input)
    }

    func isAtEnd() async throws -> Bool {
        if input.isEmpty { input = try await socket.receive()[...] }
        return input.isEmpty
    }

    // MARK: - Parts

    private func statusCode(_ line: String) throws -> UInt16 {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "HTTP/1.1", parts[1].count == 3, let code = UInt16(parts[1]),
            (100...599).contains(code)
        else { throw TestError.malformedResponse(line) }
        return code
    }

    /// RFC 9112 section 6.3.
    private func framing(_ head: Head) throws -> Rest {
        if head.status.code == 204 || head.status.code == 304 { return .nothing }
        if let coding = head.headers["Transfer-Encoding"] {
            guard coding == "chunked", head.headers["Content-Length"] == nil else {
                throw TestError.malformedResponse("Transfer-Encoding: \(coding)")
            }
            return .chunks(0)
        }
        guard let length = head.headers["Content-Length"] else { return .untilClose }
        guard let count = Int(length), count >= 0 else {
            throw TestError.malformedResponse("Content-Length: \(length)")
        }
        return count == 0 ? .nothing : .bytes(count)
    }

    private func readChunkSize() async throws -> Int {
        let line = try await readLine()
        guard let size = Int(line, radix: 16), size >= 0 else { throw TestError.malformedResponse(line) }
        return size
    }

    /// Reads field lines up to an empty line.
    private func readFields() async throws -> HeaderFields {
        var fields = HeaderFields()
        while true {
            let line = try await readLine()
            if line.isEmpty { return fields }
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw TestError.malformedResponse(line)
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields.append(name: String(line[..<colon]), value: String(value))
        }
    }

    private func readLine() async throws -> String {
        var line: [UInt8] = []
        while line.suffix(2) != [13, 10] {
            if try await isAtEnd() { throw TestError.connectionClosed }
            line.append(input.removeFirst())
        }
        return String(decoding: line.dropLast(2), as: UTF8.self)
    }

    /// Reads at least one byte.
    private func read(atMost count: Int) async throws -> [UInt8] {
        if try await isAtEnd() { throw TestError.connectionClosed }
        let bytes = Array(input.prefix(count))
        input = input.dropFirst(count)
        return bytes
    }
}
