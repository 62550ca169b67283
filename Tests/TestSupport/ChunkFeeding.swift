package import HTTP1
import HTTPCore

/// The result of decoding a chunked body.
package struct ChunkSummary: Equatable {
    package enum End: Equatable {
        case needsMore
        /// The offset of what follows the body, from the first byte fed.
        case end(next: Int)
        case rejected(Rejection)
    }

    package var end: End
    package var data: [UInt8]
    package var trailers: String

    package init(end: End = .needsMore, data: [UInt8] = [], trailers: String = "") {
        self.end = end
        self.data = data
        self.trailers = trailers
    }
}

/// Ways to feed a decoder.
package enum ChunkFeeding {
    package static func inOnePiece(_ bytes: [UInt8], limits: ChunkLimits = .init()) -> ChunkSummary {
        inPieces(bytes, endingAt: [bytes.count], limits: limits)
    }

    /// Feeds the bytes up to each of `ends`, each piece on its own, until the decoder has decided.
    package static func inPieces(_ bytes: [UInt8], endingAt ends: [Int], limits: ChunkLimits = .init()) -> ChunkSummary
    {
        var decoder = ChunkedDecoder(limits: limits)
        var trailers = ByteBuffer()
        var summary = ChunkSummary()
        var start = 0
        for end in ends where summary.end == .needsMore {
            let piece = Array(bytes[start..<end])
            withSpan(of: piece) { feed($0, piece, start, &decoder, &trailers, &summary) }
            start = end
        }
        if case .end = summary.end { summary.trailers = trailers.text }
        return summary
    }

    private static func feed(
        _ span: RawSpan, _ piece: [UInt8], _ start: Int, _ decoder: inout ChunkedDecoder,
        _ trailers: inout ByteBuffer, _ summary: inout ChunkSummary
    ) {
        var offset = 0
        while true {
            switch decoder.decode(span, from: offset, collectingTrailersIn: &trailers) {
            case .data(let from, let to):
                summary.data += piece[from..<to]
                offset = to
            case .needsMore: return
            case .end(let next):
                summary.end = .end(next: start + next)
                return
            case .rejected(let rejection):
                summary.end = .rejected(rejection)
                return
            }
        }
    }

    /// All cuts into two, then single bytes: those whose result differs from that of one piece.
    package static func disagreements(_ bytes: [UInt8], limits: ChunkLimits = .init()) -> [String] {
        let whole = inOnePiece(bytes, limits: limits)
        var found: [String] = []
        for cut in 0...bytes.count where inPieces(bytes, endingAt: [cut, bytes.count], limits: limits) != whole {
            found.append("cut at \(cut)")
        }
        if inPieces(bytes, endingAt: Array(0...bytes.count), limits: limits) != whole { found.append("byte by byte") }
        return found
    }
}
