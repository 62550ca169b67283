import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("The limits of a chunked body")
struct ChunkLimitTests {
    private func end(_ text: String, _ limits: ChunkLimits) -> ChunkSummary.End {
        let bytes = latin1(text)
        if bytes.count < 400 { #expect(ChunkFeeding.disagreements(bytes, limits: limits) == []) }
        return ChunkFeeding.inOnePiece(bytes, limits: limits).end
    }

    @Test("An extension of the maximum length is accepted, a longer one is refused", arguments: [1, 2, 10, 50])
    func extensionLength(maximum: Int) {
        var limits = ChunkLimits()
        limits.maximumExtensionByteCount = maximum
        let body = { (count: Int) in "1;" + String(repeating: "a", count: count - 1) + "\r\nx\r\n0\r\n\r\n" }
        if maximum > 1 {
            #expect(end(body(maximum), limits) == .end(next: body(maximum).utf8.count))
        }
        #expect(end(body(maximum + 1), limits) == .rejected(.chunkExtensionTooLong))
        let quoted = "1;a=\"" + String(repeating: "b", count: maximum) + "\"\r\nx\r\n0\r\n\r\n"
        #expect(end(quoted, limits) == .rejected(.chunkExtensionTooLong))
    }

    @Test("Extensions can be forbidden")
    func noExtensions() {
        var limits = ChunkLimits()
        limits.maximumExtensionByteCount = 0
        #expect(end("1\r\nx\r\n0\r\n\r\n", limits) == .end(next: 11))
        #expect(end("1;a\r\nx\r\n0\r\n\r\n", limits) == .rejected(.chunkExtensionTooLong))
        #expect(end("1 ;a\r\nx\r\n0\r\n\r\n", limits) == .rejected(.chunkExtensionTooLong))
    }

    @Test("Many small chunks with long extensions are refused, sooner with longer extensions")
    func overhead() {
        var limits = ChunkLimits()
        limits.maximumOverheadByteCount = 100
        // Each line has 40 bytes: 22 more than the allowance of 16 and 2 for its byte of data.
        let chunk = "1;" + String(repeating: "a", count: 36) + "\r\nx\r\n"
        #expect(end(String(repeating: chunk, count: 4) + "0\r\n\r\n", limits) == .end(next: 4 * 43 + 5))
        #expect(end(String(repeating: chunk, count: 5), limits) == .rejected(.chunkOverheadTooLarge))
        // Data compensates for it.
        let data = "40\r\n" + String(repeating: "x", count: 64) + "\r\n"
        let mixed = String(repeating: chunk + data, count: 300) + "0\r\n\r\n"
        #expect(end(mixed, limits) == .end(next: mixed.utf8.count))
    }

    @Test("Neither small chunks without extensions nor long ones with extensions count as overhead")
    func honestOverhead() {
        var limits = ChunkLimits()
        limits.maximumOverheadByteCount = 0
        let small = String(repeating: "1\r\nx\r\n", count: 1000) + "0\r\n\r\n"
        #expect(end(small, limits) == .end(next: small.utf8.count))
        let chunk = "200;signature=" + String(repeating: "f", count: 64) + "\r\n" + String(repeating: "x", count: 512)
        let signed = String(repeating: chunk + "\r\n", count: 100) + "0\r\n\r\n"
        #expect(end(signed, limits) == .end(next: signed.utf8.count))
    }

    @Test("Leading zeros count as overhead")
    func zeros() {
        var limits = ChunkLimits()
        limits.maximumOverheadByteCount = 1
        #expect(end("0000000000000000\r\n\r\n", limits) == .rejected(.chunkOverheadTooLarge))
    }

    @Test("A trailer section of the maximum size is accepted, a larger one is refused", arguments: [8, 20, 90])
    func trailerSize(maximum: Int) {
        var limits = ChunkLimits()
        limits.maximumTrailerByteCount = maximum
        let body = { (count: Int) in "0\r\nA: " + String(repeating: "b", count: count - 5) + "\r\n\r\n" }
        #expect(end(body(maximum), limits) == .end(next: maximum + 5))
        #expect(end(body(maximum + 1), limits) == .rejected(.trailersTooLarge))
        // As soon as it is too long, whatever follows.
        #expect(end("0\r\nA: " + String(repeating: "b", count: maximum), limits) == .rejected(.trailersTooLarge))
    }

    @Test("The maximum number of trailers is accepted, one more is refused", arguments: [0, 1, 5])
    func trailerCount(maximum: Int) {
        var limits = ChunkLimits()
        limits.maximumTrailerCount = maximum
        let body = { (count: Int) in "0\r\n" + String(repeating: "A: b\r\n", count: count) + "\r\n" }
        #expect(end(body(maximum), limits) == .end(next: body(maximum).utf8.count))
        #expect(end(body(maximum + 1), limits) == .rejected(.trailersTooLarge))
    }

    @Test("The largest chunk size is 2 to the 63rd minus 1")
    func largestChunk() {
        #expect(end("7FFFFFFFFFFFFFFF\r\nx", ChunkLimits()) == .needsMore)
        #expect(end("8000000000000000\r\nx", ChunkLimits()) == .rejected(.chunkSizeTooLarge))
    }

    @Test("Endless chunks cause no overflow")
    func endless() {
        var decoder = ChunkedDecoder()
        var limits = 0
        withSpan(of: latin1("7fffffffffffffff\r\n")) { _ = decoder.decode($0, from: 0) }
        let piece = [UInt8](repeating: 0x78, count: 65_536)
        for _ in 0..<100 {
            withSpan(of: piece) { span in
                if decoder.decode(span, from: 0) == .data(start: 0, end: 65_536) { limits += 1 }
            }
        }
        #expect(limits == 100)
    }
}
