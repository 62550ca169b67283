/// One value of a document, or the name of a member, by its place in the text.
///
/// The nodes of a document stand in the order of the text: a container before what is in it, a name before its value.
struct JSONNode {
    enum Kind: UInt8 {
        case null, `false`, `true`
        /// A number without fraction and exponent.
        case wholeNumber
        case number
        case string
        /// A string with escapes in it.
        case escapedString
        case array, object
    }

    let kind: Kind
    /// The first byte; behind the quotation mark of a string.
    let start: UInt32
    /// Behind the last byte; at the quotation mark of a string.
    var end: UInt32
    /// The node behind this one and all that is in it.
    var next: UInt32
    /// The container that the value is in; of the outermost value, its own number.
    var parent: UInt32 = 0
    /// Which of its container's elements or members it belongs to, from 0.
    var index: UInt32 = 0
    /// Of an array, its elements; of an object, its members, until the document is complete; then the member that was
    /// asked for last, since most come in the order in which they are asked for.
    var detail: UInt32 = 0

    /// Where the value begins, for messages.
    var byteOffset: Int {
        switch kind {
        case .string, .escapedString: Int(start) - 1
        default: Int(start)
        }
    }

    /// What the value is, for messages.
    var name: String {
        switch kind {
        case .null: "null"
        case .false, .true: "a Boolean"
        case .wholeNumber, .number: "a number"
        case .string, .escapedString: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
