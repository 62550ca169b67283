/// Reads values from the front of an input. After its end, all values are zero, so every input is meaningful.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func bit() -> Bool { byte() & 1 == 1 }

    /// Returns as many bytes as the value of the next byte, but at most `maximum`.
    mutating func bytes(maximum: Int) -> [UInt8] {
        let count = min(Int(byte()), maximum, rest.count)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func text(maximum: Int) -> String { String(decoding: bytes(maximum: maximum), as: UTF8.self) }

    /// Returns up to seven lengths, which are used cyclically; a length of 1 if there are none.
    mutating func lengths() -> [Int] {
        let count = Int(byte() & 7)
        let lengths = (0..<count).map { _ in max(1, Int(byte())) }
        return lengths.isEmpty ? [1] : lengths
    }

    /// Returns the end offsets of the pieces when `count` bytes are split into these lengths.
    static func ends(of count: Int, lengths: [Int]) -> [Int] {
        var ends: [Int] = []
        while (ends.last ?? 0) < count {
            ends.append(min(count, (ends.last ?? 0) + lengths[ends.count % lengths.count]))
        }
        return ends.isEmpty ? [0] : ends
    }
}
