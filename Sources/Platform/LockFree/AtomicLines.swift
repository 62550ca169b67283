public import Synchronization

/// Atomic integers in separate memory, aligned to a pair of cache lines, all 0 at first.
///
/// The fields of a class may share a line with another allocation; integers that many threads change must not. For
/// counts with one writer each there are `Counters`.
@safe
public struct AtomicLines: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the memory contains only atomics, and lives as long as this value.

    /// The number of integers in a pair of lines, 128 bytes: x86-64 fetches lines in pairs, and some arm64 cores have
    /// lines of that length.
    @inlinable package static var perLine: Int { 16 }

    @usableFromInline let base: UnsafeMutablePointer<Atomic<UInt64>>
    /// The number of integers.
    @usableFromInline package let count: Int

    package init(lines: Int) {
        precondition(lines >= 1, "there must be at least one pair of lines")
        count = lines * Self.perLine
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: Self.perLine * 8)
        // The memory was allocated for exactly as many.
        unsafe base = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { unsafe (base + index).initialize(to: Atomic(0)) }
    }

    deinit {
        // Integers have no deinitializer.
        unsafe base.deallocate()
    }

    @inlinable @inline(__always) package subscript(index: Int) -> Atomic<UInt64> {
        unsafeAddress {
            precondition(index >= 0 && index < count, "an index must be below the number of integers")
            return unsafe UnsafePointer(base + index)
        }
    }
}
