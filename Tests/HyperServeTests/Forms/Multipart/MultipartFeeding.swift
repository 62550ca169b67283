@testable import HyperServe

/// A part, collected from the events of a parser.
struct FedPart: Equatable {
    var name: String
    var fileName: String?
    var content: String
}

/// Parses a body that arrives in pieces that end at `ends`.
func feed(
    _ body: [UInt8], endingAt ends: [Int], boundary: String = "b", limits: MultipartLimits = .init()
) throws -> [FedPart] {
    var parser = MultipartParser(boundary: boundary, limits: limits)
    var parts: [FedPart] = []
    var content: [UInt8] = []
    var start = 0
    var ends = ends[...]
    while true {
        switch try parser.next() {
        case .part(let head):
            parts.append(FedPart(name: head.name, fileName: head.fileName, content: ""))
            content = []
        case .bytes(let bytes): content += bytes
        case .partEnd: parts[parts.count - 1].content = String(decoding: content, as: UTF8.self)
        case .end: return parts
        case .needsMore:
            guard let end = ends.popFirst() else {
                parser.finish()
                continue
            }
            try parser.append(Array(body[start..<end]))
            start = end
        }
    }
}

/// The ends of the pieces for all tests of a body: complete, cut in two at each position, and byte by byte.
func splits(of body: [UInt8]) -> [[Int]] {
    [[body.count]] + (0..<body.count).map { [$0, body.count] } + [Array(0..<body.count).map { $0 + 1 }]
}
