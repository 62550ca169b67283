import HTTPCore

/// An encoder of `Encodable` values as JSON (RFC 8259), without Foundation.
///
/// Keys are written in the order in which they are encoded. A `Dictionary` with keys of type String or Int is an
/// object; a value that encodes nothing is `{}`; a number without a fraction is written without one. A key that is
/// encoded twice is written twice, and most decoders take the last.
///
/// An encoder can be used repeatedly, by one thread at a time, and then reuses its memory.
package final class JSONValueEncoder {
    /// How deep values may be nested before encoding fails. On a small stack it fails before: see `descend`.
    package static let maximumDepth = 512

    // Unchecked, because checking would cost more than writing: the encoder uses the writer and the makers one call at
    // a time, and they call nothing that could reenter the encoder.
    @exclusivity(unchecked) var writer = JSONWriter()
    @exclusivity(unchecked) var containerMakers = JSONContainerMakers()
    /// What differs from the coder's own rules, while a value is being encoded.
    @exclusivity(unchecked) private(set) var coding = ValueCoding()
    private var depth = 0
    /// An error that the application caught, if its output could not be removed, or one in a function that can't throw.
    private(set) var failure: (any Error)?
    private var isBusy = false

    package init() {}

    /// Returns `value` as JSON.
    ///
    /// - Throws: what the value's `encode(to:)` throws; `EncodingError.invalidValue` for a number that is not finite,
    ///   for a value that encodes nothing, for values nested more than `maximumDepth` deep, and for an `encode(to:)`
    ///   that encodes more than one value, or uses what it was given too late.
    package func encode(_ value: some Encodable) throws -> [UInt8] {
        // A value may encode another one while it is encoded.
        if isBusy { return try JSONValueEncoder().encode(value) }
        isBusy = true
        defer {
            unsafe writer.removeAll()
            if failure != nil { failure = nil }
            isBusy = false
        }
        try encodeRoot(value)
        if let failure { throw failure }
        if unsafe !writer.parts.isEmpty { unsafe writer.joinParts() }
        return unsafe writer.makeDocument()
    }

    /// Returns `value` as JSON by the rules of `coding`; throws as `encode(_:)`.
    package func encode(_ value: some Encodable, coding: ValueCoding) throws -> [UInt8] {
        if isBusy { return try JSONValueEncoder().encode(value, coding: coding) }
        unsafe self.coding = coding
        defer { unsafe self.coding = ValueCoding() }
        return try encode(value)
    }

    /// Encodes a value as the next element of an object.
    func encode<Value: Encodable>(_ value: Value, in container: JSONElement, key: some CodingKey) throws {
        let start = try unsafe writer.beginElement(in: container, name: key.stringValue)
        switch unsafe writer.bytes.appendJSON(scalar: value) {
        case .written: return
        case .notFinite:
            unsafe writer.takeBackElement(of: container.index, from: start, partCount: writer.parts.count)
            throw Self.notFinite(value, path: container.codingPath + [key])
        case .notScalar:
            try encodeElement(value, of: container.index, from: start, position: .key(key))
        }
    }

    /// Encodes a value as the next element of an array.
    func encode<Value: Encodable>(_ value: Value, in container: JSONElement) throws {
        let start = try unsafe writer.beginElement(in: container)
        switch unsafe writer.bytes.appendJSON(scalar: value) {
        case .written: return
        case .notFinite:
            unsafe writer.takeBackElement(of: container.index, from: start, partCount: writer.parts.count)
            let index = unsafe writer.elementCount(of: container)
            throw Self.notFinite(value, path: container.codingPath + [JSONPathKey(index: index)])
        case .notScalar:
            let index = unsafe writer.elementCount(of: container) - 1
            try encodeElement(value, of: container.index, from: start, position: .index(index))
        }
    }

    /// Encodes a value as the single value of an element.
    func encode<Value: Encodable>(_ value: Value, asValueOf element: JSONElement) throws {
        try unsafe writer.beginSingleValue(of: element)
        switch unsafe writer.bytes.appendJSON(scalar: value) {
        case .written: unsafe writer.records[element.index].state = .written
        case .notFinite: throw Self.notFinite(value, path: element.codingPath)
        case .notScalar: try encodeSingleValue(value, of: element)
        }
    }

    /// Begins an element of an object whose value is encoded later, if at all. Unusable if the container is.
    func pushElement(of container: JSONElement, key: some CodingKey) -> JSONElement {
        guard (try? unsafe writer.beginElement(in: container, name: key.stringValue)) != nil else {
            return JSONElement(encoder: self, unusableBecause: container.misuse)
        }
        return push(parent: container.index, position: .key(key))
    }

    /// Begins an element of an array whose value is encoded later, if at all. Unusable if the container is.
    func pushElement(of container: JSONElement) -> JSONElement {
        guard (try? unsafe writer.beginElement(in: container)) != nil else {
            return JSONElement(encoder: self, unusableBecause: container.misuse)
        }
        let index = unsafe writer.elementCount(of: container) - 1
        return push(parent: container.index, position: .index(index))
    }

    /// Returns the container of a value. If there can't be one, encoding with it throws, and so does the encoder.
    func open(_ element: JSONElement, asObject isObject: Bool) -> JSONElement {
        if let serial = unsafe writer.open(element, asObject: isObject) {
            return JSONElement(encoder: self, index: element.index, serial: serial)
        }
        // An encoder that was kept too long has nothing to do with what is being encoded now.
        guard unsafe writer.isValue(element) else {
            return JSONElement(encoder: self, unusableBecause: element.misuse)
        }
        failure = failure ?? JSONMisuse.otherContainer.error(at: element.codingPath)
        return JSONElement(encoder: self, unusableBecause: .otherContainer)
    }

    private func push(parent: Int, position: consuming JSONRecord.Position) -> JSONElement {
        let (index, serial) = unsafe writer.push(parent: parent, position: position)
        return JSONElement(encoder: self, index: index, serial: serial)
    }

    private static func notFinite(_ value: Any, path: [any CodingKey]) -> EncodingError {
        .invalidValue(value, .init(codingPath: path, debugDescription: "\(value) can't be represented in JSON"))
    }
}

// Values that encode themselves.
extension JSONValueEncoder {
    private func encodeRoot<Value: Encodable>(_ value: Value) throws {
        let (index, serial) = unsafe writer.push(parent: JSONRecord.none, position: .root)
        do {
            try descend(value, into: JSONElement(encoder: self, index: index, serial: serial))
        } catch {
            throw JSONMisuse.naming(Value.self, in: error)
        }
        if unsafe writer.records[index].state == .pending {
            let text = "\(Value.self) did not encode anything"
            throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: text))
        }
        unsafe writer.finish(index)
    }

    private func encodeElement<Value: Encodable>(
        _ value: Value, of container: Int, from start: Int, position: JSONRecord.Position
    ) throws {
        let (part, count) = unsafe (writer.part, writer.records[container].elementCount)
        let partCount = unsafe writer.parts.count
        let element = push(parent: container, position: position)
        do {
            try descend(value, into: element)
        } catch {
            let error = JSONMisuse.naming(Value.self, in: error)
            // The owner of a container may continue without an element that failed, so its output is removed. The only
            // output that can't be removed is what the value itself has written to its enclosing container meanwhile.
            unsafe writer.finish(element.index)
            let record = unsafe writer.records[container]
            if record.part == part && record.elementCount == count && record.state != .closed {
                unsafe writer.activate(part: part)
                unsafe writer.takeBackElement(of: container, from: start, partCount: partCount)
            } else {
                failure = failure ?? error
            }
            throw error
        }
        unsafe writer.finish(element.index)
    }

    private func encodeSingleValue<Value: Encodable>(_ value: Value, of element: JSONElement) throws {
        let (part, start, count) = unsafe (writer.part, writer.bytes.count, writer.records.count)
        let partCount = unsafe writer.parts.count
        do {
            try descend(value, into: element)
        } catch {
            let error = JSONMisuse.naming(Value.self, in: error)
            unsafe writer.finish(count)
            let record = unsafe writer.records[element.index]
            if record.part == part && record.state != .closed && record.state != .reopened {
                unsafe writer.activate(part: part)
                unsafe writer.takeBackSingleValue(of: element.index, from: start, partCount: partCount)
            } else {
                failure = failure ?? error
            }
            throw error
        }
        unsafe writer.completeSingleValue(of: element)
    }

    /// Calls a value's `encode(to:)` with an element of the document.
    ///
    /// A type that contains itself must not exhaust the stack. A small value takes 1.5 KiB of it, and 3 KiB in a debug
    /// build, a large one more. So not only the levels are bounded, but also what is left of the thread's stack.
    private func descend<Value: Encodable>(_ value: Value, into element: consuming JSONElement) throws {
        guard depth < Self.maximumDepth else {
            throw Self.tooDeep(Value.self, element, "more than \(Self.maximumDepth) levels of values are nested")
        }
        guard ThreadStack.hasRoom else {
            throw Self.tooDeep(Value.self, element, "values are nested deeper than the thread's stack allows")
        }
        if FoundationTypes.contains(Value.self) { return try encodeConverted(value, as: element) }
        depth += 1
        defer { depth -= 1 }
        try value.encode(to: element)
    }

    /// Contains the type instead of the value, whose description would be as deep.
    private static func tooDeep(_ type: Any.Type, _ element: JSONElement, _ reason: String) -> EncodingError {
        .invalidValue(type, .init(codingPath: element.codingPath, debugDescription: reason))
    }

    /// Encodes a value of a type whose own coding is not for JSON, as the scalar that it is converted to.
    @inline(never)
    private func encodeConverted<Value: Encodable>(_ value: Value, as element: JSONElement) throws {
        let scalar: ConvertedScalar
        do {
            scalar = try unsafe coding.scalar(of: value)
        } catch {
            // Contains the type instead of the value: a `Date` that is not finite can't be described.
            throw EncodingError.invalidValue(Value.self, error.context(codingPath: element.codingPath))
        }
        switch scalar {
        case .string(let text), .untyped(let text): try encode(text, asValueOf: element)
        case .number(let digits):
            try unsafe writer.beginSingleValue(of: element)
            unsafe writer.bytes.append(utf8: digits)
            unsafe writer.records[element.index].state = .written
        }
    }
}
