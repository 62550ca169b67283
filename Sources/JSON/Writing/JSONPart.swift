import HTTPCore

/// A run of the document that is written on its own, because what comes behind it was written first.
///
/// All parts but the first belong into a hole of another one. While a part is the one being written to, the encoder
/// holds its bytes and its top.
final class JSONPart {
    /// A place in a part where the bytes of another one are missing.
    struct Hole {
        let offset: Int
        let part: Int
    }

    var bytes = ByteBuffer()
    /// The uppermost record that is not closed, or `JSONRecord.none`.
    var top = JSONRecord.none
    /// In the order of their offsets.
    private(set) var holes: [Hole] = []

    /// Adds a hole, behind those at the same offset.
    func addHole(at offset: Int, for part: Int) {
        var index = holes.count
        while index > 0 && holes[index - 1].offset > offset { index -= 1 }
        holes.insert(Hole(offset: offset, part: part), at: index)
    }

    /// Forgets the holes behind `offset`.
    func removeHoles(behind offset: Int) {
        holes.removeAll { $0.offset > offset }
    }
}
