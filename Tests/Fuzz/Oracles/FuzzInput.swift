/// Takes an input apart from its front. An input that is over gives zeros, so that every input means something.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func bit() -> Bool { byte() & 1 == 1 }

    /// As many bytes as the next byte says, but at most `maximum`.
    mutating func bytes(maximum: Int) -> [UInt8] {
        let count = min(Int(byte()), maximum, rest.count)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func text(maximum: Int) -> String { String(decoding: bytes(maximum: maximum), as: UTF8.self) }

    /// Up to seven lengths, to be gone through again and again; of one byte when there are none.
    mutating func lengths() -> [Int] {
        let count = Int(byte() & 7)
        let lengths = (0..<count).map { _ in max(1, Int(byte())) }
        return lengths.isEmpty ? [1] : lengths
    }

    /// Where the pieces of `count` bytes end, cut into these lengths.
    static func ends(of count: Int, lengths: [Int]) -> [Int] {
        var ends: [Int] = []
        while (ends.last ?? 0) < count {
            ends.append(min(count, (ends.last ?? 0) + lengths[ends.count % lengths.count]))
        }
        return ends.isEmpty ? [0] : ends
    }
}
