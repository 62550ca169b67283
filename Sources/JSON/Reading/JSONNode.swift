/// One value of a document, or the name of a member, by its range in the text.
///
/// The nodes of a document are in the order of the text: a container before its contents, a name before its value.
struct JSONNode {
    enum Kind: UInt8 {
        case null, `false`, `true`
        /// A number without fraction and exponent.
        case wholeNumber
        case number
        case string
        /// A string that contains escapes.
        case escapedString
        case array, object
    }

    let kind: Kind
    /// The offset of the first byte; of a string, after its quotation mark.
    let start: UInt32
    /// The offset after the last byte; of a string, of its closing quotation mark.
    var end: UInt32
    /// The node after this one and its contents.
    var next: UInt32
    /// The container of the value; of the outermost value, its own number.
    var parent: UInt32 = 0
    /// The index of its element or member in the container, from 0.
    var index: UInt32 = 0
    /// Of an array, the number of elements. Of an object, the number of members until it is complete; then the member
    /// that was found last, where the next search begins, since most members are decoded in order.
    var detail: UInt32 = 0

    /// The offset of the value, for messages.
    var byteOffset: Int {
        switch kind {
        case .string, .escapedString: Int(start) - 1
        default: Int(start)
        }
    }

    /// The kind of value, for messages.
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
