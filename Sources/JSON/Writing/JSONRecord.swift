/// What the encoder remembers of one value that is being encoded: an object, an array, or a place for a value of
/// which nothing is known so far.
///
/// Records form a stack. A value's own record, and those of all containers that it asks for, last until its
/// `encode(to:)` returns.
struct JSONRecord {
    /// How far the value has come.
    enum State {
        /// Nothing is written.
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

    /// Where a value stands in its container, for coding paths.
    enum Place {
        case root
        case key(any CodingKey)
        case index(Int)
    }

    var state = State.pending
    /// Whether the brackets are braces.
    var isObject = false
    /// The part of the document that the record's next byte goes to.
    var part: Int
    /// The record under this one among those in the same part that are not closed, or `none`.
    var below: Int
    var elementCount = 0
    /// Where the closing bracket is in the part, once the record is closed.
    var closedAt = 0
    /// Different for every record that the encoder ever makes, so that a handle of a record that has gone is known.
    let serial: UInt32
    /// The container's record that this value is an element of, or `none`.
    let parent: Int
    let place: Place

    static let none = -1

    init(serial: UInt32, part: Int, below: Int, parent: Int, place: Place) {
        self.serial = serial
        self.part = part
        self.below = below
        self.parent = parent
        self.place = place
    }

    /// Counts one more element, and returns how many there are then.
    mutating func addElement() -> Int {
        elementCount += 1
        return elementCount
    }

    var closingBracket: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
}
