extension Int {
    /// The smallest power of two that is not below this number, which must be at least 1.
    var roundedUpToPowerOfTwo: Int {
        1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
