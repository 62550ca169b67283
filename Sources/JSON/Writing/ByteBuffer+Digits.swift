import HTTPCore

// Decimal digits, eight at a time: numbers in JSON are often long, and dividing by ten for each digit is slow.
extension ByteBuffer {
    /// Appends the digits of a number.
    mutating func append(digitsOf number: UInt64) {
        let (rest, last) = number.quotientAndRemainder(dividingBy: 100_000_000)
        if rest == 0 { return append(firstDigitsOf: last) }
        if rest < 100_000_000 { append(firstDigitsOf: rest) } else { append(digitsOf: rest) }
        append(digits: Self.eightDigits(last), count: 8)
    }

    /// Appends the digits of a number below 10^8, without leading zeros.
    @inline(__always)
    private mutating func append(firstDigitsOf number: UInt64) {
        let digits = Self.eightDigits(number)
        // Zero keeps its last digit.
        let zeroCount = min(digits.trailingZeroBitCount / 8, 7)
        append(digits: digits >> (zeroCount * 8), count: 8 - zeroCount)
    }

    /// Appends the lowest `count` bytes of a word, from 0 to 9 each.
    @inline(__always)
    private mutating func append(digits: UInt64, count: Int) {
        unsafe append(maximum: 8) { room in
            // In bounds: there is room for eight bytes.
            unsafe room.storeBytes(of: (digits | 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
            return count
        }
    }

    /// The digits of a number below 10^8, the first in the lowest byte.
    ///
    /// The word is split into two numbers of four digits, then into four of two, then into eight of one: all numbers at
    /// once, with the quotients in the lower halves. Dividing a number of four digits by 100, or one of two by 10, is a
    /// multiplication by a rounded reciprocal, which is exact for all of them.
    @inline(__always)
    private static func eightDigits(_ number: UInt64) -> UInt64 {
        let fours = number / 10_000 | (number % 10_000) << 32
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
        return tens | (twos &- tens &* 10) << 8
    }
}
