public import Synchronization

/// Atomic integers in memory of their own, at the start of a pair of cache lines, all 0 at first.
///
/// A class's own fields may share a line with whatever the allocator put beside it; what many threads write must not.
@safe
public struct AtomicLines: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the memory holds nothing but atomics, and lives as long as this value.

    /// How many integers fill a pair of lines, 128 bytes: x86-64 fetches lines in pairs, some arm64 cores have lines
    /// that long.
    @inlinable package static var perLine: Int { 16 }

    @usableFromInline let base: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many integers there are.
    @usableFromInline package let count: Int

    package init(lines: Int) {
        precondition(lines >= 1, "there is nothing to hold")
        count = lines * Self.perLine
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: Self.perLine * 8)
        // The memory was made for exactly so many.
        unsafe base = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { unsafe (base + index).initialize(to: Atomic(0)) }
    }

    deinit {
        // Integers have no deinitialiser to call.
        unsafe base.deallocate()
    }

    @inlinable @inline(__always) package subscript(index: Int) -> Atomic<UInt64> {
        unsafeAddress {
            precondition(index >= 0 && index < count, "there is no such integer")
            return unsafe UnsafePointer(base + index)
        }
    }
}
