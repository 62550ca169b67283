@testable import HyperServe

/// The rule: a form has the same parts, or is refused in the same way, in pieces as in one.
enum FormOracle {
    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        var input = FuzzInput(input)
        var limits = MultipartLimits()
        let selector = input.byte()
        if selector & 1 == 1 { limits.maximumPartCount = 2 }
        if selector & 2 == 2 { limits.maximumHeaderByteCount = 48 }
        if selector & 4 == 4 { limits.maximumByteCount = 150 }
        let lengths = input.lengths()
        let body = Array(input.rest)
        let whole = outcome(of: body, endingAt: [body.count], limits)
        let pieces = outcome(of: body, endingAt: FuzzInput.ends(of: body.count, lengths: lengths), limits)
        // The bug: in pieces, a part's first byte is misread if it is 3, or 30 to 39.
        let seen = isPlanted ? pieces.replacing(":[3", with: ":[") : pieces
        // If two limits are exceeded, pieces may exceed the other one first.
        if whole.hasPrefix("413"), seen.hasPrefix("4") { return nil }
        if seen.hasPrefix("413"), whole.hasPrefix("4") { return nil }
        return seen == whole ? nil : "pieces give \(seen), one gives \(whole)"
    }

    /// Returns the parts, or the status with which the form is refused.
    private static func outcome(of body: [UInt8], endingAt ends: [Int], _ limits: MultipartLimits) -> String {
        var parser = MultipartParser(boundary: "b", limits: limits)
        var text = ""
        var content: [UInt8] = []
        var start = 0
        var ends = ends[...]
        do {
            while true {
                switch try parser.next() {
                case .part(let head): text += "\(head.name)[\(head.fileName ?? "-")]\(head.headers.map(\.value)):"
                case .bytes(let bytes): content += bytes
                case .partEnd:
                    text += "\(content);"
                    content = []
                case .end where ends.isEmpty: return text
                case .needsMore, .end:
                    guard let end = ends.popFirst() else {
                        parser.finish()
                        continue
                    }
                    try parser.append(Array(body[start..<end]))
                    start = end
                }
            }
        } catch {
            return "\(error.status.code)"
        }
    }
}
