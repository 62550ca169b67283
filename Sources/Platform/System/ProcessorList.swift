/// The kernel's format for sets of numbers, such as `0-3,8-11`.
package enum ProcessorList {
    /// Returns the numbers in `text`, ascending and without repetition; `nil` if it is not such a list.
    ///
    /// A list may be empty and may end in a line feed. Numbers above 65,535 are refused: no kernel has that many
    /// processors, and a range must not exhaust memory.
    package static func parse(_ text: some Sequence<UInt8>) -> [Int]? {
        var numbers: Set<Int> = []
        var first: Int?
        var current: Int?

        func close() -> Bool {
            guard let last = current else { return false }
            guard let lower = first ?? current, lower <= last else { return false }
            numbers.formUnion(lower...last)
            first = nil
            current = nil
            return true
        }

        var sawAnything = false
        loop: for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let value = (current ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard value <= 65_535 else { return nil }
                current = value
            case UInt8(ascii: "-"):
                guard first == nil, let value = current else { return nil }
                first = value
                current = nil
            case UInt8(ascii: ","):
                guard close() else { return nil }
            case UInt8(ascii: "\n"):
                break loop
            default:
                return nil
            }
            sawAnything = true
        }
        guard !sawAnything || close() else { return nil }
        return numbers.sorted()
    }
}
