import TestSupport
import Testing

@testable import HyperServe

@Suite("Multipart forms in pieces of any size")
struct MultipartParserTests {
    private static func part(_ name: String, _ content: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(content)\r\n"
    }

    private static let file = "Content-Disposition: form-data; name=f; filename="

    private static let valid: [(body: String, parts: [FedPart])] = [
        ("--b--", []), ("--b--\r\n", []), ("preamble\r\n--b--epilogue\r\n--b\r\n", []), ("--b--x", []),
        (part("a", "1") + "--b--\r\n", [FedPart(name: "a", content: "1")]),
        (part("a", "") + part("", "x") + "--b--", [FedPart(name: "a", content: ""), FedPart(name: "", content: "x")]),
        (
            "to be skipped\r\n-b\r\n--c\r\n" + part("a", "\r\n--\r\n--\r\n-b\r\n\r--b") + "--b--",
            [FedPart(name: "a", content: "\r\n--\r\n--\r\n-b\r\n\r--b")]
        ),
        ("--b \t \r\n\(file)\"x.txt\"\r\n\r\nxyz\r\n--b--", [FedPart(name: "f", fileName: "x.txt", content: "xyz")]),
        (
            "--b\r\nContent-Type: text/plain\r\ncontent-disposition:form-data;NAME=f\r\n\r\n\r\n\r\n--b--",
            [FedPart(name: "f", content: "\r\n")]
        ),
        // The line break of the empty line is the delimiter's: no content.
        ("--b\r\n\(file)x\r\n\r\n--b--", [FedPart(name: "f", fileName: "x", content: "")]),
        (
            "--b\r\n\(file)\"a;b=\\\"c\\\\d\\e\"\r\n\r\n\r\n--b--",
            [FedPart(name: "f", fileName: #"a;b="c\d\e"#, content: "")]
        ),
        (
            "--b\r\n\(file)\"é%22.txt\"; filename*=UTF-8''no\r\n\r\né\r\n--b--",
            [FedPart(name: "f", fileName: "é%22.txt", content: "é")]
        ),
    ]

    @Test("have the parts that were sent", arguments: valid.indices)
    func parts(index: Int) throws {
        let (text, parts) = Self.valid[index]
        let body = Array(text.utf8)
        for ends in splits(of: body) { #expect(try feed(body, endingAt: ends) == parts, "\(text) \(ends)") }
    }

    private static let form = "Content-Disposition: form-data; name=a\r\n"

    private static let malformed = [
        "", "x", "--", "--b", "--b-", "--b\r", "--b\r\n", "-b--", "--c--", "\r\n--", "--b\n\(form)\n1\n--b--",
        "--bx\r\n",
        "--b x\r\n", "--b -- ", "--b\rx", "--b-x", "--b\r\n\(form)", "--b\r\n\(form)\r\n", "--b\r\n\(form)\r\n1",
        "--b\r\n\(form)\r\n1\r\n--b", "--b\r\n\(form)\r\n1\r\n--b\r\n", "--b\r\n\(form)\r\n1\r\n--bc\r\n--b--",
        "--b\r\n\r\n1\r\n--b--", "--b\r\n\(form)\n1\r\n--b--", "--b\r\nno colon\r\n\(form)\r\n1\r\n--b--",
        "--b\r\n: x\r\n\(form)\r\n1\r\n--b--", "--b\r\nA B: x\r\n\(form)\r\n1\r\n--b--",
        "--b\r\nA : x\r\n\(form)\r\n--b--",
        "--b\r\nA: x\r\n folded\r\n\(form)\r\n1\r\n--b--", "--b\r\nA: \u{0}\r\n\(form)\r\n1\r\n--b--",
        "--b\r\nA: x\ry\r\n\(form)\r\n1\r\n--b--", "--b\r\nA: x\ny\r\n\(form)\r\n1\r\n--b--",
        "--b\r\n\(form)\(form)\r\n1\r\n--b--", "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--", "--b\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a b\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name\r\n\r\n1\r\n--b--",
    ]

    @Test("are rejected when they are malformed", arguments: malformed)
    func refused(text: String) {
        let body = Array(text.utf8)
        for ends in splits(of: body) {
            let error = #expect(throws: HTTPError.self, "\(ends)") { try feed(body, endingAt: ends) }
            #expect(error?.status == .badRequest)
        }
    }

    @Test("may have as many parts, bytes and header bytes as the limits say, and no more")
    func limits() throws {
        let body = Array((Self.part("a", "1") + Self.part("b", "22") + "--b--").utf8)
        let header = "Content-Disposition: form-data; name=\"a\"\r\n\r\n".utf8.count
        var limits = MultipartLimits()
        limits.maximumPartCount = 2
        limits.maximumByteCount = body.count
        limits.maximumHeaderByteCount = header
        let changes: [(inout MultipartLimits) -> Void] = [
            { $0.maximumPartCount -= 1 }, { $0.maximumByteCount = body.count - 1 }, { $0.maximumHeaderByteCount -= 1 },
        ]
        for ends in splits(of: body) {
            #expect(try feed(body, endingAt: ends, limits: limits).count == 2)
            for change in changes {
                var less = limits
                change(&less)
                let error = #expect(throws: HTTPError.self) { try feed(body, endingAt: ends, limits: less) }
                #expect(error?.status == .contentTooLarge)
            }
        }
    }

    @Test("need no more memory than a header and a chunk, whatever is sent")
    func headerWithoutEnd() {
        var limits = MultipartLimits()
        limits.maximumHeaderByteCount = 100
        for start in ["--b\r\n", "--b\r\nA: ", "--b\r\n\r"] {
            let body = Array((start + String(repeating: "x", count: 200)).utf8)
            #expect(throws: HTTPError.self) { try feed(body, endingAt: Array(0..<130), limits: limits) }
        }
    }

    @Test("have the content that was put into them, over seeded random contents", arguments: 0..<16 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let marks = Array("\r\n--bx".utf8)
        for _ in 0..<100 {
            var body: [UInt8] = []
            var parts: [FedPart] = []
            for number in 0..<Int.random(in: 0..<4, using: &random) {
                let count = Int.random(in: 0..<30, using: &random)
                let content = (0..<count).map { _ in marks.randomElement(using: &random)! }
                let text = String(decoding: content, as: UTF8.self)
                // A line that begins like a boundary would be one.
                if "\r\n\(text)".contains("\r\n--b") || "\n\(text)\r\n".utf8.starts(with: "\n--b".utf8) { continue }
                body += Array(Self.part("\(number)", text).utf8)
                parts.append(FedPart(name: "\(number)", content: text))
            }
            body += Array("--b--".utf8)
            var ends = (0..<Int.random(in: 0..<9, using: &random)).map { _ in
                Int.random(in: 0...body.count, using: &random)
            }
            ends = ends.sorted() + [body.count]
            #expect(try feed(body, endingAt: ends) == parts, "\(String(decoding: body, as: UTF8.self)) \(ends)")
        }
    }
}
