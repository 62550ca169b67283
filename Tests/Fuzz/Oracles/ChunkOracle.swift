import HTTP1
import HTTPCore
import TestSupport

/// The rule: a chunked body decodes to the same result in pieces as in one, and to the data that a naive decoder finds.
enum ChunkOracle {
    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        var input = FuzzInput(input)
        let limits = limits(input.byte())
        let lengths = input.lengths()
        let bytes = Array(input.rest)
        let whole = ChunkFeeding.inOnePiece(bytes, limits: limits)
        let ends = FuzzInput.ends(of: bytes.count, lengths: lengths)
        var pieces = ChunkFeeding.inPieces(bytes, endingAt: ends, limits: limits)
        if isPlanted { plant(in: &pieces, bytes) }
        if pieces != whole { return "pieces give \(pieces), one gives \(whole)" }
        let naive = NaiveChunks(bytes)
        switch whole.end {
        case .end(let next):
            return naive.next == next && naive.data == whole.data ? nil : "a naive decoder gives \(naive), not \(whole)"
        case .needsMore:
            return naive.next == nil && naive.data == whole.data ? nil : "a naive decoder gives \(naive), not \(whole)"
        case .rejected:
            let mustPass = naive.next != nil && naive.isPlain && limits == ChunkLimits()
            return mustPass ? "a plain body is refused: \(whole)" : nil
        }
    }

    private static func limits(_ selector: UInt8) -> ChunkLimits {
        var limits = ChunkLimits()
        if selector & 1 == 1 { limits.maximumExtensionByteCount = 8 }
        if selector & 2 == 2 { limits.maximumOverheadByteCount = 8 }
        if selector & 4 == 4 { limits.maximumTrailerByteCount = 16 }
        if selector & 8 == 8 { limits.maximumTrailerCount = 2 }
        return limits
    }

    /// The bug: a body whose data ends in a line feed loses it, if the first size is written as 0F.
    private static func plant(in summary: inout ChunkSummary, _ bytes: [UInt8]) {
        if bytes.starts(with: "0F".utf8), summary.data.last == UInt8(ascii: "\n") { summary.data.removeLast() }
    }
}

/// A naive decoder, which ignores most of the grammar: sizes, data, and the empty line at the end.
struct NaiveChunks {
    private(set) var data: [UInt8] = []
    /// The offset at which the body ends; nil if it does not end, or cannot be read.
    private(set) var next: Int?
    /// Whether the body has no extensions and no trailers.
    private(set) var isPlain = true

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let line = Self.line(&rest) {
            let digits = line.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || Self.isLetter($0) }
            let size = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
            guard let size = size.flatMap(Int.init(exactly:)), digits.count <= 16 else { return }
            if digits.count < line.count { isPlain = false }
            if size == 0 {
                endTrailers(rest)
                return
            }
            data += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard rest.starts(with: [13, 10]) else { return }
            rest = rest.dropFirst(2)
        }
    }

    private mutating func endTrailers(_ rest: ArraySlice<UInt8>) {
        var rest = rest
        while let line = Self.line(&rest) {
            if line.isEmpty {
                next = rest.startIndex
                return
            }
            isPlain = false
        }
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        for end in rest.indices where rest[end...].starts(with: [13, 10]) {
            defer { rest = rest[(end + 2)...] }
            return rest[..<end]
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 32) }
}
