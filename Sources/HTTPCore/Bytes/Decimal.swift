/// Decimal numbers as in HTTP: digits only.
@usableFromInline
package enum Decimal {
    /// The number of digits in `number`, which must not be negative.
    @inlinable @inline(__always)
    package static func digitCount(_ number: Int) -> Int {
        precondition(number >= 0, "lengths and codes are not negative")
        let number = UInt(bitPattern: number)
        var count = 1
        // Does not overflow: 10^19 fits, and is larger than any `Int`.
        var bound: UInt = 10
        while number >= bound {
            bound &*= 10
            count &+= 1
        }
        return count
    }

    /// Writes the digits of `number` immediately before `end`.
    ///
    /// The caller guarantees room for `digitCount(number)` bytes before `end`.
    @unsafe @inlinable @inline(__always)
    package static func write(_ number: Int, before end: UnsafeMutableRawPointer) {
        var position = unsafe end
        var rest = UInt(bitPattern: number)
        repeat {
            unsafe position -= 1
            unsafe position.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
            rest /= 10
        } while rest > 0
    }
}

extension ByteBuffer {
    /// Appends the digits of `number`, which must not be negative.
    package mutating func append(decimal number: Int) {
        let count = Decimal.digitCount(number)
        unsafe append(maximum: count) { room in
            // In bounds: there is room for `count` digits.
            unsafe Decimal.write(number, before: room.baseAddress! + count)
            return count
        }
    }
}
