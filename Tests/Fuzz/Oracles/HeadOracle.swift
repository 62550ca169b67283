import HTTP1
import HTTPCore
import TestSupport

/// The rule: a head parses to the same result in pieces as in one, keeps the limits, and agrees with a naive parser.
enum HeadOracle {
    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        var input = FuzzInput(input)
        let limits = limits(input.byte())
        let lengths = input.lengths()
        let bytes = Array(input.rest)
        let ends = FuzzInput.ends(of: bytes.count, lengths: lengths)
        let whole = Feeding.inOnePiece(bytes, limits: limits)
        var pieces = Feeding.inPieces(bytes, endingAt: ends, limits: limits)
        if isPlanted { plant(in: &pieces, bytes, ends) }
        if pieces != whole { return "pieces give \(pieces), one gives \(whole)" }
        switch whole.result {
        case .needsMore:
            return bytes.count < limits.maximumHeadByteCount ? nil : "a head beyond the limit is not refused"
        case .rejected: return nil
        case .complete:
            let naive = NaiveHead(bytes[..<whole.byteCount], allowsEmptyHost: limits.allowsEmptyHost)
            return excess(whole, limits) ?? naive.difference(from: whole)
        }
    }

    private static func limits(_ selector: UInt8) -> HeadLimits {
        var limits = HeadLimits()
        if selector & 1 == 1 { limits.maximumHeadByteCount = 100 }
        if selector & 2 == 2 { limits.maximumFieldCount = 3 }
        if selector & 4 == 4 { limits.maximumTargetByteCount = 10 }
        if selector & 8 == 8 { limits.allowsEmptyHost = true }
        return limits
    }

    /// The bug: a field is lost if its value contains a percent sign and a piece ends between CR and LF.
    private static func plant(in summary: inout HeadSummary, _ bytes: [UInt8], _ ends: [Int]) {
        let isCutInLineEnd = ends.contains { $0 < bytes.count && bytes[$0 - 1] == UInt8(ascii: "\r") }
        if isCutInLineEnd { summary.fields.removeAll { $0.utf8.contains(UInt8(ascii: "%")) } }
    }

    private static func excess(_ summary: HeadSummary, _ limits: HeadLimits) -> String? {
        let isWithin =
            summary.byteCount <= limits.maximumHeadByteCount && summary.fields.count <= limits.maximumFieldCount
            && summary.target.utf8.count <= limits.maximumTargetByteCount
        return isWithin ? nil : "a head beyond the limits is accepted: \(summary)"
    }
}

/// A complete head, parsed line by line.
struct NaiveHead {
    private let requestLine: [[UInt8]]
    private let fields: [(name: String, value: String)]
    private let problem: String?
    private let allowsEmptyHost: Bool

    init(_ bytes: ArraySlice<UInt8>, allowsEmptyHost: Bool) {
        self.allowsEmptyHost = allowsEmptyHost
        var bytes = bytes
        while bytes.starts(with: [13, 10]) { bytes = bytes.dropFirst(2) }
        var lines: [[UInt8]] = [[]]
        for byte in bytes {
            lines[lines.count - 1].append(byte)
            if lines[lines.count - 1].suffix(2) == [13, 10] {
                lines[lines.count - 1].removeLast(2)
                lines.append([])
            }
        }
        let isFramed = lines.count >= 3 && lines.suffix(2) == [[], []] && !lines.dropLast(2).contains([])
        let isClean = !lines.joined().contains { [0, 10, 13].contains($0) }
        problem =
            !isFramed ? "the head does not end where it should" : !isClean ? "a bare control byte is accepted" : nil
        requestLine = lines[0].split(separator: 32, omittingEmptySubsequences: false).map(Array.init)
        fields = lines.dropFirst().prefix { !$0.isEmpty }.map { line in
            let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
            let trimmed = value.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            return (String(decoding: name, as: UTF8.self), String(decoding: trimmed, as: UTF8.self))
        }
    }

    /// Returns whether all bytes are visible ASCII that browsers don't encode, with a backslash only in the query.
    private static func isTarget(_ target: [UInt8]) -> Bool {
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        return !path.contains(UInt8(ascii: "\\"))
            && target.allSatisfy { (0x21...0x7E).contains($0) && !"\"#<>".utf8.contains($0) }
    }

    private static func isVersion(_ version: [UInt8]) -> Bool {
        version.count == 8 && version.starts(with: "HTTP/1.".utf8) && (0x30...0x39).contains(version[7])
    }

    /// Returns how the parser's result differs.
    func difference(from summary: HeadSummary) -> String? {
        if let problem { return problem }
        guard requestLine.count == 3, requestLine[0] == Array(summary.method.description.utf8),
            requestLine[1] == Array(summary.target.utf8)
        else { return "the request line differs: \(summary)" }
        guard Self.isTarget(requestLine[1]), Self.isVersion(requestLine[2]) else {
            return "a malformed request line is accepted: \(summary)"
        }
        guard fields.map({ "\($0.name)|\($0.value)" }) == summary.fields else { return "the fields differ: \(summary)" }
        let values = { (name: String) in fields.filter { $0.name.lowercased() == name }.map(\.value) }
        let (hosts, lengths, codings) = (values("host"), values("content-length"), values("transfer-encoding"))
        guard allowsEmptyHost || !hosts.contains("") else { return "an empty host is accepted: \(summary)" }
        guard hosts.count <= 1, lengths.count + codings.count <= 1, hosts.count == 1 || summary.minorVersion == 0 else {
            return "fields that must be unique are repeated: \(summary)"
        }
        let length = lengths.first.map { Int($0) ?? -1 } ?? 0
        let framing: BodyFraming = !codings.isEmpty ? .chunked : length != 0 ? .length(length) : .none
        return framing == summary.framing ? nil : "the framing of the body differs: \(summary)"
    }
}
