/// A coding path key that belongs to no key type of the application.
package struct JSONPathKey: CodingKey {
    package let stringValue: String
    package let intValue: Int?

    /// The key under which `superEncoder()` encodes, as in Foundation's encoder.
    static let superclass = JSONPathKey(name: "super")

    /// An element of an array.
    package init(index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    package init?(stringValue: String) {
        self.init(name: stringValue)
    }

    package init?(intValue: Int) {
        self.stringValue = "\(intValue)"
        self.intValue = intValue
    }

    /// A member of an object.
    package init(name: String) {
        stringValue = name
        intValue = nil
    }
}
