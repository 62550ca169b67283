import HTTPCore

/// A run of the document that is written separately, because what follows it was written first.
///
/// Every part but the first fills a hole of another one. While a part is being written to, the writer holds its bytes
/// and its top record.
final class JSONPart {
    /// A position in a part at which the bytes of another one belong.
    struct Hole {
        let offset: Int
        let part: Int
    }

    var bytes = ByteBuffer()
    /// The uppermost record that is not closed, or `JSONRecord.none`.
    var top = JSONRecord.none
    /// Sorted by offset.
    private(set) var holes: [Hole] = []

    /// Adds a hole after those at the same offset.
    func addHole(at offset: Int, for part: Int) {
        var index = holes.count
        while index > 0 && holes[index - 1].offset > offset { index -= 1 }
        holes.insert(Hole(offset: offset, part: part), at: index)
    }

    /// Removes the holes from `offset` that `part` and newer ones fill. A hole at the same offset that an older part
    /// fills belongs to what was written before.
    func removeHoles(from offset: Int, since part: Int) {
        holes.removeAll { $0.offset >= offset && $0.part >= part }
    }
}
