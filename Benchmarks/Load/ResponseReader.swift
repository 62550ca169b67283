/// A reader that finds the end of one response and checks its length, which must be given by Content-Length.
struct ResponseReader {
    enum Progress: Equatable {
        case needsMore
        case complete(status: Int)
        case malformed
    }

    /// The Content-Length that every 2xx response must have, if it matters.
    let expectedLength: Int?
    /// Whether the requests are HEAD, whose responses have a head only.
    let isHead: Bool

    /// The head received so far, if it did not arrive at once.
    private var head: [UInt8] = []
    private var status = 0
    /// Bytes of the body that are missing, once the head is complete.
    private var missing: Int?
    /// Whether the response announced that the server closes the connection.
    private(set) var closes = false

    init(expectedLength: Int?, isHead: Bool) {
        self.expectedLength = expectedLength
        self.isHead = isHead
    }

    /// Prepares for the next response.
    mutating func reset() {
        head.removeAll(keepingCapacity: true)
        (status, missing, closes) = (0, nil, false)
    }

    /// Reads the next bytes. There is one request at a time on a connection, so bytes after the response are an error.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Progress {
        if let missing { return take(bytes.count, of: missing) }
        if head.isEmpty, let end = Self.headEnd(bytes, from: 0) {
            return begin(UnsafeRawBufferPointer(rebasing: bytes[..<end]), bodyByteCount: bytes.count - end)
        }
        let searched = max(0, head.count - 3)
        head += bytes
        return head.withUnsafeBytes { head in
            guard let end = Self.headEnd(head, from: searched) else {
                return head.count > 64 * 1024 ? .malformed : .needsMore
            }
            return begin(UnsafeRawBufferPointer(rebasing: head[..<end]), bodyByteCount: head.count - end)
        }
    }

    private mutating func begin(_ head: UnsafeRawBufferPointer, bodyByteCount: Int) -> Progress {
        guard head.count > 16, head.starts(with: "HTTP/1.1 ".utf8) else { return .malformed }
        let digits = head[9..<12].map { Int($0) - 48 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return .malformed }
        status = digits[0] * 100 + digits[1] * 10 + digits[2]
        var length: Int?
        var isWellFormed = true
        Self.forEachField(head) { name, value in
            if Self.equal(name, "content-length") {
                if length != nil { isWellFormed = false }
                length = Int(String(decoding: value, as: UTF8.self))
                if length == nil { isWellFormed = false }
            } else if Self.equal(name, "connection") {
                closes = Self.equal(value, "close")
            }
        }
        guard isWellFormed, let length, length >= 0 else { return .malformed }
        if (200..<300).contains(status), let expectedLength, length != expectedLength { return .malformed }
        return take(bodyByteCount, of: isHead ? 0 : length)
    }

    private mutating func take(_ count: Int, of missing: Int) -> Progress {
        guard count <= missing else { return .malformed }
        self.missing = missing - count
        return count == missing ? .complete(status: status) : .needsMore
    }

    /// The offset after the empty line that ends a head.
    private static func headEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var next = start
        // What ends with the line feed found is compared, so that most bytes are examined once.
        while let feed = bytes[next...].firstIndex(of: 10) {
            if feed >= 3, bytes[feed - 1] == 13, bytes[feed - 2] == 10, bytes[feed - 3] == 13 { return feed + 1 }
            next = feed + 1
        }
        return nil
    }

    private static func forEachField(
        _ head: UnsafeRawBufferPointer, _ body: (Slice<UnsafeRawBufferPointer>, Slice<UnsafeRawBufferPointer>) -> Void
    ) {
        var lineStart = 0
        while lineStart < head.count {
            let lineEnd = head[lineStart...].firstIndex(of: 13) ?? head.count
            if let colon = head[lineStart..<lineEnd].firstIndex(of: 58), lineStart > 0 {
                let valueStart = head[(colon + 1)..<lineEnd].firstIndex { $0 != 32 && $0 != 9 } ?? lineEnd
                body(head[lineStart..<colon], head[valueStart..<lineEnd])
            }
            lineStart = lineEnd + 2
        }
    }

    /// Whether bytes are a lower-case word, ignoring their case.
    private static func equal(_ bytes: Slice<UnsafeRawBufferPointer>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        for (index, byte) in bytes.enumerated() where byte | 0x20 != word.utf8Start[index] | 0x20 { return false }
        return true
    }
}
