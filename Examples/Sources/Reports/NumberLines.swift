import HyperServe

/// Reads numbers, one per line, from bytes that arrive in pieces: a number may begin in one piece and end in the next.
struct NumberLines {
    private static let maximumLineByteCount = 100

    private var values: [Double] = []
    private var line: [UInt8] = []
    private var lineNumber = 1

    /// Reads a piece. Throws 422 for a line that is not a number.
    mutating func append(_ bytes: [UInt8]) throws {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                try endLine()
            } else {
                guard line.count < Self.maximumLineByteCount else { throw rejection("is too long") }
                line.append(byte)
            }
        }
    }

    /// Returns all numbers. Throws 422 if there are none.
    mutating func finish() throws -> [Double] {
        if !line.isEmpty { try endLine() }
        guard !values.isEmpty else { throw HTTPError(.unprocessableContent, "there is no number") }
        return values
    }

    private mutating func endLine() throws {
        guard let value = Double(String(decoding: line, as: UTF8.self)), value.isFinite else {
            throw rejection("is not a number")
        }
        values.append(value)
        line.removeAll(keepingCapacity: true)
        lineNumber += 1
    }

    private func rejection(_ reason: String) -> HTTPError {
        HTTPError(.unprocessableContent, "line \(lineNumber) \(reason)")
    }
}
