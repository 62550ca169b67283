import HTTPCore

/// The document being written, and the state of the values in it that are not finished.
///
/// It calls no code of the application, so no access to it begins inside another.
///
/// Values are appended to the bytes. `Encodable` also allows containers to be created and written to in any order, and
/// a nested container may be written to after its parent was. So every container has a record. To write to a container,
/// those above it are closed. To write to one that is closed already, or to a value that was skipped, a new part of the
/// document is begun that fills a hole at that position, and the parts are joined at the end. Encoding in the usual
/// order never creates a second part.
struct JSONWriter: ~Copyable {
    /// The bytes of the part being written to.
    var bytes = ByteBuffer()
    var records: ContiguousArray<JSONRecord> = []
    /// The part being written to. The first part is number 0.
    var part = 0
    /// The top record of the part: the last one that is not closed.
    var top = JSONRecord.none
    /// All parts; empty while there is only one.
    var parts: [JSONPart] = []
    private var lastSerial: UInt32 = 0
    /// The last document. It has usually been released by now, and the next one reuses its memory.
    private var document: [UInt8] = []

    /// The memory that each thread that encodes keeps from one document to the next: about 16 KiB for the bytes, as
    /// much for the last document, and 25 KiB for the records.
    private static let maximumKeptByteCount = 16_384
    private static let maximumKeptRecordCount = 256

    /// Adds a record for a value about to be written at the end of the part, and returns its number and serial.
    mutating func push(parent: Int, position: consuming JSONRecord.Position) -> (index: Int, serial: UInt32) {
        lastSerial &+= 1
        let index = records.count
        records.append(JSONRecord(serial: lastSerial, part: part, below: top, parent: parent, position: position))
        top = index
        return (index, lastSerial)
    }

    /// Begins an element of an array, and returns the previous length of the part. Throws if the container was kept too
    /// long.
    mutating func beginElement(in container: JSONElement) throws -> Int {
        guard isContainer(container) else { throw container.error }
        prepare(container.index)
        let start = bytes.count
        if records[container.index].addElement() > 1 { bytes.append(byte: UInt8(ascii: ",")) }
        return start
    }

    /// Begins an element of an object, and returns the previous length of the part.
    mutating func beginElement(in container: JSONElement, name: String) throws -> Int {
        let start = try beginElement(in: container)
        bytes.appendJSON(string: name)
        bytes.append(byte: UInt8(ascii: ":"))
        return start
    }

    /// Writes a member of an object whose value is text.
    mutating func write(_ string: String, in container: JSONElement, name: String) throws {
        _ = try beginElement(in: container, name: name)
        bytes.appendJSON(string: string)
    }

    /// Writes a member of an object whose value is a whole number.
    mutating func write(_ number: Int, in container: JSONElement, name: String) throws {
        _ = try beginElement(in: container, name: name)
        bytes.appendJSON(integer: number)
    }

    /// Removes the last element of a container, after which nothing was written, with the parts that were added since
    /// there were `partCount`.
    mutating func takeBackElement(of container: Int, from start: Int, partCount: Int) {
        truncate(to: start, partCount: partCount)
        records[container].elementCount -= 1
    }

    /// Writes the opening bracket of a value, unless the same one was written already. Returns the serial of its
    /// container; nil if the encoder was kept too long, or if the value is not, or has not, such a container.
    mutating func open(_ element: JSONElement, asObject isObject: Bool) -> UInt32? {
        guard isValue(element) else { return nil }
        let index = element.index
        if records[index].state == .pending {
            prepare(index)
            lastSerial &+= 1
            records[index].state = .open
            records[index].isObject = isObject
            records[index].containerSerial = lastSerial
            bytes.append(byte: isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
            return lastSerial
        }
        guard records[index].state != .written, records[index].isObject == isObject else { return nil }
        return records[index].containerSerial
    }

    /// Prepares the end of the part for a value without brackets. Throws if the encoder was kept too long, or if there
    /// is a value already.
    mutating func beginSingleValue(of element: JSONElement) throws {
        guard isValue(element) else { throw element.error }
        guard records[element.index].state == .pending else {
            throw JSONMisuse.encodedTwice.error(at: codingPath(of: element))
        }
        prepare(element.index)
    }

    /// Writes `{}` if the value encoded nothing.
    mutating func completeSingleValue(of element: JSONElement) {
        guard records[element.index].state == .pending else { return }
        prepare(element.index)
        bytes.append("{}")
        records[element.index].state = .written
    }

    /// Removes what is written of a value, after which nothing was written, with the parts that were added since there
    /// were `partCount`, and makes it pending again. Containers of it that the application has kept are no longer used.
    mutating func takeBackSingleValue(of index: Int, from start: Int, partCount: Int) {
        truncate(to: start, partCount: partCount)
        records[index].state = .pending
        records[index].elementCount = 0
        records[index].containerSerial = 0
    }

    /// Removes the record and all newer ones: those of a value whose `encode(to:)` has returned and of its contents.
    mutating func finish(_ index: Int) {
        while records.count > index {
            let record = records.removeLast()
            switch record.state {
            case .pending:
                activate(part: record.part)
                bytes.append("{}")
            case .open:
                activate(part: record.part)
                bytes.append(byte: record.closingBracket)
            case .closed, .reopened, .written: break
            }
            // The newest record is the top one of its part unless it is closed.
            if record.part == part {
                if top == records.count { top = record.below }
            } else if parts[record.part].top == records.count {
                parts[record.part].top = record.below
            }
        }
    }

    /// Returns the document as an array.
    mutating func makeDocument() -> [UInt8] {
        // Nothing is written in the meantime.
        let text = unsafe bytes.unsafeBytes
        guard text.count <= Self.maximumKeptByteCount else { return unsafe [UInt8](text) }
        // No array should take much more memory than it needs.
        if document.capacity > 4 * text.count { document = [] }
        // Allocates if the last document is still in use.
        unsafe document.replaceSubrange(0..<document.count, with: text)
        return document
    }

    /// Removes everything, and keeps the memory up to a limit.
    mutating func removeAll() {
        if bytes.capacity > Self.maximumKeptByteCount { bytes = ByteBuffer() } else { bytes.removeAll() }
        if records.capacity > Self.maximumKeptRecordCount {
            records = []
        } else if !records.isEmpty {
            records.removeAll(keepingCapacity: true)
        }
        if !parts.isEmpty { parts.removeAll() }
        (part, top) = (0, JSONRecord.none)
    }

    /// The keys that lead to a value; none if the encoder or container was kept too long.
    func codingPath(of element: JSONElement) -> [any CodingKey] {
        guard isValue(element) || isContainer(element) else { return [] }
        var path: [any CodingKey] = []
        var index = element.index
        while index != JSONRecord.none {
            switch records[index].position {
            case .root: break
            case .key(let key): path.append(key)
            case .index(let index): path.append(JSONPathKey(index: index))
            }
            index = records[index].parent
        }
        return path.reversed()
    }

    /// How many elements of a container have been begun; none if it was kept too long.
    func elementCount(of element: JSONElement) -> Int {
        isContainer(element) ? records[element.index].elementCount : 0
    }

    private mutating func truncate(to start: Int, partCount: Int) {
        bytes.truncate(to: start)
        if !parts.isEmpty { parts[part].removeHoles(from: start, since: partCount) }
    }
}
