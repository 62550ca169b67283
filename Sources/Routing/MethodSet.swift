public import HTTPCore

/// A set of request methods, such as those that a path supports and the `Allow` field lists (RFC 9110 section 10.2.1).
@usableFromInline
package struct MethodSet: OptionSet, Sendable, BitwiseCopyable {
    /// Bit n is set if the set contains the method whose raw value is n.
    @usableFromInline package let rawValue: UInt16

    @inlinable package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The set of one method.
    @inlinable package init(_ method: Method) {
        rawValue = 1 &<< UInt16(method.rawValue)
    }

    @inlinable package func contains(_ method: Method) -> Bool {
        rawValue &>> UInt16(method.rawValue) & 1 == 1
    }

    /// The set with the methods that a server adds: HEAD if there is GET, and OPTIONS if there is any method.
    var withAutomaticMethods: MethodSet {
        if isEmpty { return self }
        let automatic = MethodSet(.options)
        return union(contains(.get) ? automatic.union(MethodSet(.head)) : automatic)
    }
}

extension MethodSet: CustomStringConvertible {
    /// The methods as the value of an `Allow` field, such as `GET, HEAD, OPTIONS`, in the order of `Method`.
    @usableFromInline package var description: String {
        Method.allCases.filter { contains($0) }.map(\.description).joined(separator: ", ")
    }
}
