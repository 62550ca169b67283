/// The work of `GET /compute`: the FNV-1a hash of 176 KiB, about 0.2 ms of pure computation.
struct Computation {
    private let block = (0..<16_384).map { UInt8(truncatingIfNeeded: $0) }
    private let passes = 11

    /// Returns the hash. Each step needs the result of the one before, so that no compiler can make it cheaper.
    func run() -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for _ in 0..<passes {
            for byte in block { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return hash
    }
}
