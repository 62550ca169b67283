import CHTTPScan
import HTTPCore
import TestSupport
import Testing

@Suite("Scanning in blocks")
struct ScanTests {
    /// A scan in blocks, the class of its byte-by-byte counterpart, and a byte that it accepts.
    private struct Scan: Sendable {
        let name: String
        let function: @Sendable ([UInt8], Int, Int) -> Int
        let classes: Int
        let filler: UInt8
    }

    private static let scans: [Scan] = [
        Scan(name: "plain", function: { unsafe hs_scan_plain($0, $1, $2) }, classes: hs_class_plain, filler: 0x61),
        Scan(name: "text", function: { unsafe hs_scan_text($0, $1, $2) }, classes: hs_class_text, filler: 0x20),
        Scan(name: "path", function: { unsafe hs_scan_path($0, $1, $2) }, classes: hs_class_path, filler: 0x2F),
        Scan(name: "query", function: { unsafe hs_scan_query($0, $1, $2) }, classes: hs_class_query, filler: 0x3D),
    ]

    @Test("finds each byte value at each position of a window, like the table", arguments: 0..<4)
    func everyByteEverywhere(index: Int) {
        let scan = Self.scans[index]
        var window = [UInt8](repeating: scan.filler, count: 40)
        for byte in UInt8.min...UInt8.max {
            for place in window.indices {
                window[place] = byte
                let expected = unsafe hs_scan_bytewise(window, 0, window.count, UInt8(scan.classes))
                #expect(scan.function(window, 0, window.count) == expected)
                window[place] = scan.filler
            }
        }
    }

    @Test("stops at each end and starts at each beginning", arguments: 0..<4)
    func everyRange(index: Int) {
        let scan = Self.scans[index]
        let window = [UInt8](repeating: scan.filler, count: 36) + [0]
        for end in 0...window.count {
            for start in 0...end {
                let expected = unsafe hs_scan_bytewise(window, start, end, UInt8(scan.classes))
                #expect(scan.function(window, start, end) == expected)
            }
        }
    }

    @Test("uses a table that agrees with the grammar")
    func table() {
        let letters = Set((0x41...0x5A).map { UInt8($0) } + (0x61...0x7A).map { UInt8($0) })
        let digits = Set((0x30...0x39).map { UInt8($0) })
        let hexadecimal = digits.union("abcdefABCDEF".utf8)
        let token = letters.union(digits).union("!#$%&'*+-.^_`|~".utf8)
        let plain = letters.union(digits).union("-.".utf8)
        let query = Set(UInt8(0x21)...0x7E).subtracting("\"#<>".utf8)
        let path = query.subtracting("%?\\".utf8)
        let text = Set(UInt8(0x20)...0xFF).subtracting([0x7F])
        let value = text.union([0x09])
        let host = letters.union(digits).union("-._~!$&'()*+,;=".utf8)
        for byte in UInt8.min...UInt8.max {
            let classes: [(Int, Set<UInt8>)] = [
                (hs_class_token, token), (hs_class_plain, plain), (hs_class_path, path), (hs_class_query, query),
                (hs_class_text, text), (hs_class_hex, hexadecimal), (hs_class_value, value), (hs_class_host, host),
            ]
            for (index, (bit, members)) in classes.enumerated() {
                #expect(hs_byte_is(byte, UInt8(bit)) == members.contains(byte), "class \(index), byte \(byte)")
            }
        }
    }

    @Test("parses the same lines with the widest registers and the narrowest")
    func widths() {
        var random = SeededGenerator(seed: 11)
        for row in ValidHeads.all + ValidHeads.all {
            var bytes = row.bytes + row.bytes
            for _ in 0..<8 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                let start = Int.random(in: bytes.indices, using: &random)
                #expect(Self.fields(bytes, start, isBaseline: false) == Self.fields(bytes, start, isBaseline: true))
                #expect(Self.target(bytes, start, isBaseline: false) == Self.target(bytes, start, isBaseline: true))
            }
        }
    }

    @Test(
        "marks each field that a parser must know, however it is written",
        arguments: ["Host", "Expect", "Connection", "Content-Length", "Transfer-Encoding"], [false, true])
    func marks(name: String, isBaseline: Bool) {
        for name in [name, name.lowercased(), name.uppercased()] {
            // Far from the end of the bytes, near it, and at it.
            for count in [20, 40, 200, 0] {
                let others = count == 0 ? "" : "Via: \(String(repeating: "y", count: count))\r\n"
                let bytes = Array("Accept: text/html,*/*;q=0.8\r\n\(name): x\r\n\(others)".utf8)
                #expect(Self.fields(bytes, 0, isBaseline: isBaseline).last == 0b10, "\(name), \(count)")
            }
        }
    }

    private static func fields(_ bytes: [UInt8], _ start: Int, isBaseline: Bool) -> [UInt64] {
        var table = [hs_field](repeating: hs_field(), count: 8)
        var (next, marked) = (start, UInt64(0))
        let count =
            isBaseline
            ? unsafe hs_fields_scan_baseline(bytes, &next, bytes.count, &table, table.count, &marked)
            : unsafe hs_fields_scan(bytes, &next, bytes.count, &table, table.count, &marked)
        let numbers = table[..<count].flatMap { [$0.name_start, $0.name_count, $0.value_start, $0.value_count] }
        return numbers.map { UInt64($0) } + [UInt64(next), marked]
    }

    private static func target(_ bytes: [UInt8], _ start: Int, isBaseline: Bool) -> [Int] {
        var pathEnd = 0
        let end =
            isBaseline
            ? unsafe hs_target_scan_baseline(bytes, start, bytes.count, &pathEnd)
            : unsafe hs_target_scan(bytes, start, bytes.count, &pathEnd)
        return [end, pathEnd]
    }
}
