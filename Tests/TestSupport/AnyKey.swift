/// A key of any name.
package struct AnyKey: CodingKey, ExpressibleByStringLiteral {
    package let stringValue: String
    package let intValue: Int? = nil

    package init(stringLiteral value: String) {
        stringValue = value
    }

    package init(stringValue: String) {
        self.stringValue = stringValue
    }

    package init?(intValue: Int) {
        return nil
    }
}
