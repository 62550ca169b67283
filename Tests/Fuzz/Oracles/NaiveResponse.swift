import HTTP1
import HTTPCore

@testable import HyperServe

/// A response as a client would read it from all bytes sent for it.
struct NaiveResponse {
    private(set) var problem: String?
    private(set) var code = 0
    private(set) var fields: [(name: String, value: [UInt8])] = []
    /// The body; nil if it is incomplete.
    private(set) var body: [UInt8]? = []
    private(set) var trailers = 0

    init(_ bytes: [UInt8], isHead: Bool) {
        var rest = bytes[...]
        let statusLine = Self.line(&rest) ?? []
        code = Int(String(decoding: statusLine.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
        guard statusLine.starts(with: "HTTP/1.1 ".utf8), statusLine.count >= 13 else {
            problem = "no status line"
            return
        }
        readFields(&rest)
        let lengths = values("content-length")
        let codings = values("transfer-encoding")
        guard lengths.count + codings.count <= 1 else {
            problem = "the response is framed twice"
            return
        }
        if isHead || code == 204 || code == 304 {
            if !rest.isEmpty { problem = "bytes follow a response without a body" }
        } else if !codings.isEmpty {
            readChunks(&rest)
        } else if let length = lengths.first {
            let count = Int(String(decoding: length, as: UTF8.self)) ?? -1
            if count < rest.count { problem = "bytes follow the body" }
            body = count == rest.count ? Array(rest) : nil
        } else {
            body = Array(rest)
        }
    }

    func values(_ name: String) -> [[UInt8]] { fields.filter { isSameName($0.name, name) }.map(\.value) }

    /// Returns how the response differs from the handler's and the connection's intent.
    func difference(
        from encoded: ResponseOracle.Encoded, of response: Response, _ encoder: ResponseEncoder
    ) -> String? {
        let closes = values("connection").contains(Array("close".utf8))
        let stays = values("connection").contains(Array("keep-alive".utf8)) || encoder.minorVersion > 0
        let isFramed = !(values("content-length") + values("transfer-encoding")).isEmpty
        let isAlwaysEmpty = encoder.isHead || code == 204 || code == 304
        let finding: String? =
            if let problem {
                problem
            } else if values("date").count != 1 {
                "not one Date"
            } else if values("connection").count > 1 || closes == encoded.goesOn || (encoded.goesOn && !stays) {
                "Connection does not match the connection's end"
            } else if code == 204, isFramed {
                "204 with a framing field"
            } else if encoded.goesOn, !isFramed, !isAlwaysEmpty {
                "a body without an end"
            } else if encoder.minorVersion == 0, !values("transfer-encoding").isEmpty {
                "chunks for HTTP/1.0"
            } else if code == Int(response.status.code), code != 500 {
                meaning(encoded, response) ?? lengthProblem(response, encoder)
            } else if code != 500 {
                "another status"
            } else { nil }
        return finding.map { "\($0): \(String(decoding: encoded.bytes, as: UTF8.self).debugDescription)" }
    }

    /// Returns how the fields and the body differ from the handler's.
    private func meaning(_ encoded: ResponseOracle.Encoded, _ response: Response) -> String? {
        let own = ["date", "connection", "content-length", "transfer-encoding", "trailer", "keep-alive"]
        let isOwn = { (name: String) in own.contains { isSameName($0, name) } }
        var expected = response.headers.filter { !isOwn($0.name) }.map { "\($0.name): \($0.value)" }
        if let contentType = response.contentType, response.headers["content-type"] == nil {
            expected.insert("Content-Type: \(contentType)", at: 0)
        }
        let found = fields.filter { !isOwn($0.name) }.map { "\($0.name): \(String(decoding: $0.value, as: UTF8.self))" }
        if found != expected { return "other fields than the handler's" }
        // A response that was aborted after more bytes than declared may be complete. Without a length, a client can't
        // tell.
        if encoded.body == nil, values("transfer-encoding").isEmpty { return nil }
        return body == encoded.body ? nil : "another body"
    }

    /// Returns how Content-Length is wrong. It must be the body's length, or what a stream declares; for a response to
    /// HEAD without a body, the handler's value, if that is a single number.
    private func lengthProblem(_ response: Response, _ encoder: ResponseEncoder) -> String? {
        guard let sent = values("content-length").first else { return nil }
        var expected = response.body.byteCount
        let declared = response.headers.filter { isSameName($0.name, "content-length") }.map(\.value)
        var isStream = false
        if case .stream = response.body { isStream = true }
        if encoder.isHead, !isStream, expected == 0, declared.count == 1,
            declared[0].utf8.allSatisfy({ 48...57 ~= $0 }), let number = Int(declared[0])
        {
            expected = number
        }
        return Int(String(decoding: sent, as: UTF8.self)) == expected ? nil : "another length"
    }

    private mutating func readFields(_ rest: inout ArraySlice<UInt8>) {
        while let line = Self.line(&rest) {
            if line.isEmpty { return }
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            let value = line.dropFirst(name.count + 1)
            let isToken =
                !name.isEmpty && name.allSatisfy { 33...126 ~= $0 && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
            let isClean = !value.contains { $0 < 32 && $0 != 9 || $0 == 127 } && value.first == 32
            if !isToken || !isClean || name.count == line.count { problem = "a malformed field line" }
            fields.append((String(decoding: name, as: UTF8.self), Array(value.dropFirst())))
        }
        problem = "the head has no end"
    }

    private mutating func readChunks(_ rest: inout ArraySlice<UInt8>) {
        var data: [UInt8] = []
        body = nil
        while true {
            // Aborted between two chunks.
            guard let line = Self.line(&rest) else { return }
            guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16) else {
                problem = "no chunk size"
                return
            }
            if size == 0 { break }
            data += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard Self.line(&rest)?.isEmpty ?? false else {
                problem = "a chunk has no end"
                return
            }
        }
        let headCount = fields.count
        readFields(&rest)
        trailers = fields.count - headCount
        fields.removeLast(trailers)
        body = data
        if !rest.isEmpty { problem = "bytes follow the last chunk" }
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        for end in rest.indices where rest[end...].starts(with: [13, 10]) {
            defer { rest = rest[(end + 2)...] }
            return rest[..<end]
        }
        return nil
    }
}
