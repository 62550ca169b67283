import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("A request head that violates a rule")
struct HostileHeadTests {
    static let rows =
        HostileRequestLines.all + HostileTargetForms.all + HostileFields.all + HostileHosts.all + HostileFraming.all

    @Test("is refused for that rule, however it is split", arguments: rows)
    func refusal(row: HostileHead) {
        #expect(Feeding.inOnePiece(row.bytes) == HeadSummary(rejected: row.rejection))
        #expect(Feeding.disagreements(row.bytes) == [])
    }

    @Test("is refused with bytes of another request after it", arguments: rows)
    func nothingBehindCounts(row: HostileHead) {
        let more = row.bytes + latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Feeding.inOnePiece(more) == HeadSummary(rejected: row.rejection))
    }

    @Test("remains refused until the parser is reset")
    func refusalStays() {
        var parser = RequestParser()
        let bad = latin1("GET / HTTP/1.1\r\nA : b\r\n\r\n")
        let good = latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(withSpan(of: bad) { parser.parse($0) } == .rejected(.whitespaceBeforeColon))
        #expect(withSpan(of: good) { parser.parse($0) } == .rejected(.whitespaceBeforeColon))
        parser.reset()
        #expect(Feeding.inPieces(good, endingAt: [good.count], &parser) == Feeding.inOnePiece(good))
    }

    @Test("is one of more than 250, each with a unique name")
    func catalogue() {
        let names = Self.rows.map(\.name) + HostileChunks.all.map(\.name)
        #expect(names.count >= 250)
        #expect(Set(names).count == names.count)
    }

    @Test("gets a status of the 400s or 500s and a unique reason", arguments: Rejection.allCases)
    func statusAndReason(rejection: Rejection) {
        #expect((400...599).contains(rejection.status))
        let reasons = Rejection.allCases.map { "\($0.reason)" }
        #expect(reasons.filter { $0 == "\(rejection.reason)" }.count == 1)
    }
}
