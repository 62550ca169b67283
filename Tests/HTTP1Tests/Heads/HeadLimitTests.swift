import HTTP1
import HTTPCore
import TestSupport
import Testing

@Suite("The limits of a request head")
struct HeadLimitTests {
    private let line = "GET / HTTP/1.1\r\nHost: a\r\n"

    @Test("A head of the maximum size is accepted, a larger one is refused", arguments: [64, 100, 4096])
    func size(maximum: Int) {
        var limits = HeadLimits()
        limits.maximumHeadByteCount = maximum
        let padding = maximum - line.utf8.count - "A: \r\n\r\n".utf8.count
        let head = { latin1(line + "A: " + String(repeating: "b", count: $0) + "\r\n\r\n") }
        #expect(Feeding.inOnePiece(head(padding), limits: limits).result == .complete)
        #expect(Feeding.inOnePiece(head(padding + 1), limits: limits).result == .rejected(.headTooLarge))
        #expect(Feeding.inOnePiece(head(padding + 9000), limits: limits).result == .rejected(.headTooLarge))
    }

    @Test("A head that exceeds the limit is refused before it is complete")
    func sizeOfIncomplete() {
        var limits = HeadLimits()
        limits.maximumHeadByteCount = 40
        let bytes = latin1(line + "A: bcdefghijklmnopqrstuvwxyz")
        var parser = RequestParser(limits: limits)
        #expect(withSpan(of: Array(bytes[..<39])) { parser.parse($0) } == .needsMore)
        #expect(withSpan(of: Array(bytes[..<40])) { parser.parse($0) } == .rejected(.headTooLarge))
        #expect(Feeding.disagreements(bytes, limits: limits) == [])
    }

    @Test("An error within the limit takes precedence over the size")
    func wrongBeforeTooLarge() {
        var limits = HeadLimits()
        limits.maximumHeadByteCount = 40
        let wrong = latin1(line + "A : " + String(repeating: "b", count: 100))
        #expect(Feeding.inOnePiece(wrong, limits: limits).result == .rejected(.whitespaceBeforeColon))
        let late = latin1(line + "A: " + String(repeating: "b", count: 100) + "\0")
        #expect(Feeding.inOnePiece(late, limits: limits).result == .rejected(.headTooLarge))
        #expect(Feeding.disagreements(late, limits: limits) == [])
    }

    @Test("The maximum number of fields is accepted, one more is refused", arguments: [1, 2, 15, 16, 17, 33, 100, 200])
    func fieldCount(maximum: Int) {
        var limits = HeadLimits()
        limits.maximumFieldCount = maximum
        let head = { latin1(line + String(repeating: "A: b\r\n", count: $0) + "\r\n") }
        #expect(Feeding.inOnePiece(head(maximum - 1), limits: limits).fields.count == maximum)
        #expect(Feeding.inOnePiece(head(maximum), limits: limits).result == .rejected(.tooManyFields))
        // The first byte of the extra line suffices.
        let start = latin1(line + String(repeating: "A: b\r\n", count: maximum - 1) + "A")
        #expect(Feeding.inOnePiece(start, limits: limits).result == .rejected(.tooManyFields))
        if maximum < 20 { #expect(Feeding.disagreements(head(maximum), limits: limits) == []) }
    }

    @Test("A target of the maximum length is accepted, a longer one is refused", arguments: [1, 2, 31, 32, 33, 500])
    func targetLength(maximum: Int) {
        var limits = HeadLimits()
        limits.maximumTargetByteCount = maximum
        for start in ["/", "/?"] where start.utf8.count <= maximum {
            let head = { (count: Int) in
                let rest = String(repeating: "a", count: count - start.utf8.count)
                return latin1("GET " + start + rest + " HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(Feeding.inOnePiece(head(maximum), limits: limits).result == .complete)
            #expect(Feeding.inOnePiece(head(maximum + 1), limits: limits).result == .rejected(.targetTooLong))
            #expect(Feeding.inOnePiece(head(maximum + 70), limits: limits).result == .rejected(.targetTooLong))
            // Refused as soon as it is too long, whatever follows.
            let incomplete = Array(head(maximum + 1).prefix("GET ".utf8.count + maximum + 1))
            #expect(Feeding.inOnePiece(incomplete, limits: limits).result == .rejected(.targetTooLong))
            if maximum < 40 { #expect(Feeding.disagreements(head(maximum + 1), limits: limits) == []) }
        }
    }

    @Test("The same limit applies to the other forms of target, and to escapes")
    func otherTargetLength() {
        var limits = HeadLimits()
        limits.maximumTargetByteCount = 12
        let result = { (target: String) in
            let bytes = latin1("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(Feeding.disagreements(bytes, limits: limits) == [])
            return Feeding.inOnePiece(bytes, limits: limits).result
        }
        #expect(result("http://a/bcd") == .complete)
        #expect(result("http://a/bcde") == .rejected(.targetTooLong))
        #expect(result("/bcdefghi%41") == .complete)
        #expect(result("/bcdefghij%41") == .rejected(.targetTooLong))
        #expect(result("/bcdefghijk%41") == .rejected(.targetTooLong))
        #expect(result("/bcdefghijkl%41") == .rejected(.targetTooLong))
    }

    @Test("A head that exceeds its limit within the target gets 414")
    func targetBeyondHead() {
        var limits = HeadLimits()
        limits.maximumHeadByteCount = 20
        let bytes = latin1("GET /" + String(repeating: "a", count: 100))
        #expect(Feeding.inOnePiece(bytes, limits: limits).result == .rejected(.targetTooLong))
        #expect(Feeding.disagreements(bytes, limits: limits) == [])
        #expect(Rejection.targetTooLong.status == 414)
    }

    @Test(
        "An empty Host is refused unless it is allowed",
        arguments: ["GET / HTTP/1.1", "GET / HTTP/1.0", "OPTIONS * HTTP/1.1", "GET http://b/ HTTP/1.1"])
    func emptyHost(line: String) {
        var limits = HeadLimits()
        for value in ["", " ", " \t"] {
            let bytes = latin1("\(line)\r\nHost:\(value)\r\n\r\n")
            limits.allowsEmptyHost = false
            #expect(Feeding.inOnePiece(bytes, limits: limits).result == .rejected(.hostEmpty))
            #expect(Feeding.disagreements(bytes, limits: limits) == [])
            limits.allowsEmptyHost = true
            #expect(Feeding.inOnePiece(bytes, limits: limits).result == .complete)
            #expect(Feeding.inOnePiece(bytes, limits: limits).host == (line.contains("b/") ? "b" : ""))
            #expect(Feeding.disagreements(bytes, limits: limits) == [])
        }
        // Only an empty value is allowed, not a missing field or a value with only a port.
        let malformed = latin1("\(line)\r\nHost: :80\r\n\r\n")
        #expect(Feeding.inOnePiece(malformed, limits: limits).result == .rejected(.hostMalformed))
        let repeated = latin1("\(line)\r\nHost:\r\nHost:\r\n\r\n")
        #expect(Feeding.inOnePiece(repeated, limits: limits).result == .rejected(.hostRepeated))
        #expect(!HeadLimits().allowsEmptyHost)
    }

    @Test("An unknown method whose target has no standard form, or beyond 32 bytes, is refused at the end of the line")
    func unknownMethod() {
        let result = { (text: String) in Feeding.inOnePiece(latin1(text)).result }
        #expect(result("BREW * HTTP/1.1\r") == .needsMore)
        #expect(result("BREW * HTTP/1.1\r\n") == .rejected(.methodUnknown))
        #expect(result("BREW / HTTP/1.1\r\n") == .needsMore)
        #expect(result("BREW * HTTP/2.0\r\n") == .rejected(.versionNotSupported))
        #expect(result("BREW * HTTP/1x") == .rejected(.versionMalformed))
        let longest = String(repeating: "B", count: 32)
        #expect(result(longest + " / HTTP/1.1\r\nHost: a\r\n\r\n") == .complete)
        #expect(result(longest + "B / HTTP/1.1\r") == .needsMore)
        #expect(result(longest + "B / HTTP/1.1\r\n") == .rejected(.methodUnknown))
        #expect(result(longest + "B / HTTP/2.0\r\n") == .rejected(.versionNotSupported))
        var limits = HeadLimits()
        limits.maximumHeadByteCount = 40
        #expect(Feeding.inOnePiece(latin1(longest + longest.prefix(7)), limits: limits).result == .needsMore)
        #expect(
            Feeding.inOnePiece(latin1(longest + longest.prefix(8)), limits: limits).result == .rejected(.methodUnknown))
        limits = HeadLimits()
        limits.maximumTargetByteCount = 10
        let long = latin1("BREW /" + String(repeating: "a", count: 10))
        #expect(Feeding.inOnePiece(long, limits: limits).result == .rejected(.targetTooLong))
    }

    @Test("The defaults are 16 KiB, 100 fields and 8 KiB of target")
    func defaults() {
        let limits = HeadLimits()
        #expect(limits.maximumHeadByteCount == 16_384)
        #expect(limits.maximumFieldCount == 100)
        #expect(limits.maximumTargetByteCount == 8192)
    }
}
