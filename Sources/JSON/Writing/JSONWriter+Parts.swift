import HTTPCore

// The relation of records and parts: which record is written at the end of which part.
extension JSONWriter {
    /// Whether the encoder's record exists, which it does until the value's `encode(to:)` has returned.
    @inline(__always)
    func isValue(_ element: JSONElement) -> Bool {
        element.index < records.count && records[element.index].serial == element.serial
    }

    /// Whether the container's record exists, and still is that of the container.
    @inline(__always)
    func isContainer(_ element: JSONElement) -> Bool {
        element.index < records.count && records[element.index].containerSerial == element.serial
    }

    /// Arranges that the next bytes of a record belong at the end of the active part.
    @inline(__always)
    mutating func prepare(_ index: Int) {
        if top != index || records[index].part != part { uncover(index) }
    }

    /// Makes the record the top one of the active part.
    @inline(never)
    private mutating func uncover(_ index: Int) {
        activate(part: records[index].part)
        if records[index].state == .closed {
            let late = addPart(at: records[index].closedAt, in: part)
            activate(part: late)
            records[index].part = late
            records[index].below = JSONRecord.none
            records[index].state = .reopened
            top = index
        }
        while top != index { closeTop() }
    }

    mutating func activate(part next: Int) {
        if next == part { return }
        park()
        swap(&bytes, &parts[next].bytes)
        top = parts[next].top
        part = next
    }

    /// Joins all parts, of which there are several, by filling the holes.
    mutating func joinParts() {
        park()
        var joined = ByteBuffer()
        // The parts that are partly copied, with the offset and hole reached: a loop, because holes may be nested deep.
        var path: [(part: Int, offset: Int, hole: Int)] = [(0, 0, 0)]
        while let (part, offset, hole) = path.popLast() {
            let holes = parts[part].holes
            let end = hole < holes.count ? holes[hole].offset : parts[part].bytes.count
            parts[part].bytes.withBytes { joined.append($0.extracting(offset..<end)) }
            if hole == holes.count { continue }
            path.append((part, end, hole + 1))
            path.append((holes[hole].part, 0, 0))
        }
        bytes = joined
        parts.removeAll()
        (part, top) = (0, JSONRecord.none)
    }

    /// Removes the top record of the active part, so that one below it can be written to.
    private mutating func closeTop() {
        precondition(top != JSONRecord.none, "a record is not in the stack of its part")
        let index = top
        top = records[index].below
        switch records[index].state {
        case .pending:
            // It may be filled later.
            let late = addPart(at: bytes.count, in: part)
            parts[late].top = index
            records[index].part = late
            records[index].below = JSONRecord.none
        case .open:
            records[index].closedAt = bytes.count
            records[index].state = .closed
            bytes.append(byte: records[index].closingBracket)
        case .closed, .reopened, .written: break
        }
    }

    /// Adds an empty part that fills a new hole of another one.
    private mutating func addPart(at offset: Int, in outer: Int) -> Int {
        if parts.isEmpty { parts.append(JSONPart()) }
        parts[outer].addHole(at: offset, for: parts.count)
        parts.append(JSONPart())
        return parts.count - 1
    }

    /// Stores the bytes and the top record in the active part.
    private mutating func park() {
        swap(&bytes, &parts[part].bytes)
        parts[part].top = top
    }
}
