import HTTPCore

// Which record may be written to at the end of which part.
extension JSONWriter {
    /// An element's record lasts until the value's `encode(to:)` has returned.
    @inline(__always)
    func check(_ element: JSONElement) {
        precondition(
            element.index < records.count && records[element.index].serial == element.serial,
            "an encoder or its container was used after the encode(to:) that it was made for"
        )
    }

    /// Makes the end of the active part the place where the next bytes of `element` belong.
    @inline(__always)
    mutating func prepare(_ element: JSONElement) {
        check(element)
        if top != element.index || records[element.index].part != part { uncover(element.index) }
    }

    /// Makes the record the uppermost one of the active part.
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

    /// Puts all parts, of which there are several, into the holes that they belong into.
    mutating func joinParts() {
        park()
        var joined = ByteBuffer()
        // The parts that have been begun, each with what is done of it: a loop, because holes may go deep.
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

    /// Takes the uppermost record out of the way of one below it.
    private mutating func closeTop() {
        precondition(top != JSONRecord.none, "a record is below none of its part")
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

    /// Adds an empty part that belongs into a hole of another one.
    private mutating func addPart(at offset: Int, in outer: Int) -> Int {
        if parts.isEmpty { parts.append(JSONPart()) }
        parts[outer].addHole(at: offset, for: parts.count)
        parts.append(JSONPart())
        return parts.count - 1
    }

    /// Gives the active part's bytes and top back to it.
    private mutating func park() {
        swap(&bytes, &parts[part].bytes)
        parts[part].top = top
    }
}
