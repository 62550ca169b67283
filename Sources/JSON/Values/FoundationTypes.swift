import Synchronization

/// The types of Foundation whose own coding is meant for Foundation's coders, which recognize them: a `Date` would be
/// seconds since 2001, and a `Decimal` its mantissa. Foundation is not linked, so they are recognized by their names.
package enum FoundationTypes {
    private static let names: Set<String> = ["Data", "Date", "Decimal", "URL"]

    /// The types that were asked for last, as the addresses of their metadata, which is never freed. The lowest bit of
    /// an address is free, and says whether the type is one of these. Each type has one slot. Nothing is ordered with a
    /// slot, since each is complete in itself.
    private static let slots = InlineArray<256, Atomic<UInt>> { _ in Atomic(0) }

    /// Whether a type is one of these. Its name is compared once, as long as its slot is its own.
    @inline(__always)
    package static func contains(_ type: Any.Type) -> Bool {
        let address = UInt(bitPattern: ObjectIdentifier(type))
        // Addresses of types are multiples of eight, and often of sixteen.
        let known = slots[Int(address / 16 % 256)].load(ordering: .relaxed)
        if known & ~1 == address { return known & 1 != 0 }
        return compareName(of: type, at: address)
    }

    /// The name under which a program knows the type, whichever of Foundation's modules it comes from.
    package static func name(of type: Any.Type) -> String { "Foundation.\(type)" }

    @inline(never)
    private static func compareName(of type: Any.Type, at address: UInt) -> Bool {
        let parts = String(reflecting: type).split(separator: ".", omittingEmptySubsequences: false)
        let isFound =
            parts.count == 2 && ["Foundation", "FoundationEssentials"].contains(parts[0])
            && names.contains(String(parts[1]))
        slots[Int(address / 16 % 256)].store(address | (isFound ? 1 : 0), ordering: .relaxed)
        return isFound
    }
}
