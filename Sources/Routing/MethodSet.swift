public import HTTPCore

/// A set of request methods, such as those that a path supports and the `Allow` field lists (RFC 9110 section 10.2.1).
@usableFromInline
package struct MethodSet: OptionSet, Sendable, BitwiseCopyable {
    /// Bit n is set if the set contains the method with the number n.
    @usableFromInline package let rawValue: UInt32

    @inlinable package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The set of one method.
    @inlinable package init(_ method: MethodNumber) {
        rawValue = 1 &<< UInt32(method.rawValue)
    }

    @inlinable package func contains(_ method: MethodNumber) -> Bool {
        rawValue &>> UInt32(method.rawValue) & 1 == 1
    }

    /// The set with the methods that a server adds: HEAD if there is GET, and OPTIONS if there is any method.
    var withAutomaticMethods: MethodSet {
        if isEmpty { return self }
        let automatic = MethodSet(.options)
        return union(contains(.get) ? automatic.union(MethodSet(.head)) : automatic)
    }
}

/// The methods of a table of routes: the standard ones, which have the same numbers in every table, and others.
package struct MethodTable: Sendable {
    /// The number of methods that a table can have besides the standard ones: a `MethodSet` has no bits for more.
    package static let maximumOtherCount = MethodSet.RawValue.bitWidth - firstOtherNumber

    private static let firstOtherNumber = Int(MethodNumber.other.rawValue) + 1

    /// The methods that are not standard, in the order of their numbers.
    private var others: [Method] = []

    package init() {}

    /// Adds a method. Returns false if the table is full.
    package mutating func add(_ method: Method) -> Bool {
        if number(of: method) != nil { return true }
        guard others.count < Self.maximumOtherCount else { return false }
        others.append(method)
        return true
    }

    /// The number of a method; nil if the table doesn't have it.
    package func number(of method: Method) -> MethodNumber? {
        guard method.number == .other else { return method.number }
        return others.firstIndex(of: method).map { MethodNumber(rawValue: UInt8(Self.firstOtherNumber + $0)) }
    }

    /// One more than the largest number of a method.
    var numberCount: Int { others.isEmpty ? Int(MethodNumber.other.rawValue) : Self.firstOtherNumber + others.count }

    /// The numbers of all methods, those of the standard ones first.
    package var numbers: [MethodNumber] {
        MethodNumber.standard + others.indices.map { MethodNumber(rawValue: UInt8(Self.firstOtherNumber + $0)) }
    }

    /// The methods of a set as the value of an `Allow` field, such as `GET, HEAD, OPTIONS, PURGE`, in the order of
    /// their numbers.
    package func list(_ set: MethodSet) -> String {
        zip(numbers, Method.standard + others).filter { set.contains($0.0) }.map(\.1.name).joined(separator: ", ")
    }
}
