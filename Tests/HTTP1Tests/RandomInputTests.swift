import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("Random inputs")
struct RandomInputTests {
    @Test("Heads have the same result in random pieces as in one", arguments: 0..<8)
    func segmentation(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let bytes = Self.head(&random)
            let ends = Self.ends(bytes.count, &random)
            #expect(Feeding.inPieces(bytes, endingAt: ends) == Feeding.inOnePiece(bytes), "\(bytes)")
        }
    }

    @Test("Mutated heads have the same result in random pieces as in one, and never trap", arguments: 0..<8)
    func mutatedHeads(seed: UInt64) throws {
        var random = SeededGenerator(seed: 100 + seed)
        let page = try GuardedPage()
        for _ in 0..<400 {
            var bytes = ValidHeads.all.randomElement(using: &random)!.bytes
            Self.mutate(&bytes, &random)
            let whole = page.withCopy(of: bytes, atEnd: true) { span in
                var parser = RequestParser()
                let result = parser.parse(span)
                return HeadSummary(result, parser, bytes)
            }
            let ends = Self.ends(bytes.count, &random)
            #expect(Feeding.inPieces(bytes, endingAt: ends) == whole, "\(bytes)")
        }
    }

    @Test("Mutated bodies have the same result in random pieces as in one, and never trap", arguments: 0..<8)
    func mutatedBodies(seed: UInt64) {
        var random = SeededGenerator(seed: 200 + seed)
        let start = latin1("5;a=\"b\\\"\"\r\nhello\r\n0001 ;c\r\n!\r\n0\r\nA: b\r\nHost: c\r\nD: e\r\n\r\n")
        for _ in 0..<300 {
            var bytes = start
            Self.mutate(&bytes, &random)
            let whole = ChunkFeeding.inOnePiece(bytes)
            #expect(ChunkFeeding.inPieces(bytes, endingAt: Self.ends(bytes.count, &random)) == whole, "\(bytes)")
        }
    }

    @Test("Any bytes have a result", arguments: 0..<4)
    func noise(seed: UInt64) {
        var random = SeededGenerator(seed: 300 + seed)
        for _ in 0..<400 {
            let bytes = (0..<Int.random(in: 0...90, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let ends = Self.ends(bytes.count, &random)
            #expect(Feeding.inPieces(bytes, endingAt: ends) == Feeding.inOnePiece(bytes), "\(bytes)")
            #expect(ChunkFeeding.inPieces(bytes, endingAt: ends) == ChunkFeeding.inOnePiece(bytes), "\(bytes)")
        }
    }

    /// A valid head with 1 to 40 fields of random lengths.
    private static func head(_ random: inout SeededGenerator) -> [UInt8] {
        let text = { (maximum: Int, letters: String, random: inout SeededGenerator) in
            String(
                (0..<Int.random(in: 1...maximum, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        var head = "GET /" + text(80, "abc/%41?&=", &random).replacing("%", with: "%4") + " HTTP/1.1\r\nHost: a\r\n"
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let name = text(40, "abcXYZ-_019", &random)
            head += name + [":", ": ", ":\t", ":  "].randomElement(using: &random)!
            head += text(120, "abc def;=,\"\u{E9}\t", &random) + "\r\n"
        }
        return latin1(head + "\r\n")
    }

    /// One to four changes: a byte replaced, removed, doubled or inserted, mostly dangerous ones.
    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let wicked = Array("\r\n\t :;,=\"%?#/\\0_-\0\u{7F}".utf8) + [0x80, 0xA0, 0xFF]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            let isWicked = Int.random(in: 0..<4, using: &random) > 0
            let byte = isWicked ? wicked.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = byte
            case 1 where bytes.count > 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            default: bytes.insert(byte, at: place)
            }
        }
    }

    /// Random end offsets of pieces of `count` bytes; the last one is `count`.
    private static func ends(_ count: Int, _ random: inout SeededGenerator) -> [Int] {
        let cuts = (0..<Int.random(in: 0...6, using: &random)).map { _ in Int.random(in: 0...count, using: &random) }
        return cuts.sorted() + [count]
    }
}
