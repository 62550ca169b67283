/// A key of a coding path that no key type of the application stands for.
struct JSONPathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    /// The key under which `superEncoder()` encodes, as Foundation's encoder has it.
    static let superclass = JSONPathKey(name: "super")

    /// An element of an array.
    init(index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init?(stringValue: String) {
        self.init(name: stringValue)
    }

    init?(intValue: Int) {
        self.stringValue = "\(intValue)"
        self.intValue = intValue
    }

    /// A member of an object.
    init(name: String) {
        stringValue = name
        intValue = nil
    }
}
