/// The state of one value that is being encoded: an object, an array, or a value that nothing was encoded for yet.
///
/// Records form a stack. A value's own record, and those of all containers that it creates, last until its
/// `encode(to:)` returns.
struct JSONRecord {
    /// How much of the value is written.
    enum State {
        /// Nothing.
        case pending
        /// The opening bracket is written, and what follows at the end of the part belongs to the container.
        case open
        /// Both brackets are written, the second one at `closedAt`.
        case closed
        /// Both brackets are written, and elements that came after that go into a part of their own.
        case reopened
        /// A value without brackets is written.
        case written
    }

    /// The position of a value in its container, for coding paths.
    enum Position {
        case root
        case key(any CodingKey)
        case index(Int)
    }

    var state = State.pending
    /// Whether the value is an object, with braces, and not an array.
    var isObject = false
    /// The part of the document that the record's next byte goes to.
    var part: Int
    /// The next record below this one in the same part that is not closed, or `none`.
    var below: Int
    var elementCount = 0
    /// The offset of the closing bracket in the part, once the record is closed.
    var closedAt = 0
    /// Unique among all records of the encoder, so that use of a record that was removed is detected.
    let serial: UInt32
    /// As unique, from the creation of the value's container until that is removed; otherwise 0.
    var containerSerial: UInt32 = 0
    /// The container's record that this value is an element of, or `none`.
    let parent: Int
    let position: Position

    static let none = -1

    init(serial: UInt32, part: Int, below: Int, parent: Int, position: Position) {
        self.serial = serial
        self.part = part
        self.below = below
        self.parent = parent
        self.position = position
    }

    /// Counts one more element, and returns the new count.
    mutating func addElement() -> Int {
        elementCount += 1
        return elementCount
    }

    var closingBracket: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
}
