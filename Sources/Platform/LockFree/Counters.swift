public import CLockFree

/// A table of counts with a row for each writer and a column for each kind: `hs_counters`.
///
/// Each writer has cache lines of its own, and counts with a load and a store instead of a read-modify-write. Any
/// thread can read at any time, without a lock. Counts are never reset.
///
/// `Kind` is usually an enum. Its raw values count up from 0 in the order of `allCases`.
@safe
public final class Counters<Kind: CaseIterable & RawRepresentable<Int> & Sendable>: @unchecked Sendable {
    // `@unchecked Sendable`: the C structure contains only constants and atomics, and lives as long as this object, its
    // only owner.
    @usableFromInline let counters: OpaquePointer
    /// The number of rows.
    package let writerCount: Int

    /// Creates counts that are 0, for 1 to 65,536 writers and as many kinds.
    package init(writers: Int) {
        let kinds = Kind.allCases.map(\.rawValue)
        precondition(kinds == Array(0..<kinds.count), "the raw values of \(Kind.self) must count up from 0")
        precondition(
            (1...65_536).contains(writers) && (1...65_536).contains(kinds.count),
            "\(writers) writers or \(kinds.count) kinds are out of range")
        writerCount = writers
        unsafe counters = hs_counters_create(writers, kinds.count).orOutOfMemory()
    }

    deinit { unsafe hs_counters_destroy(counters) }

    /// Returns the writing end of a row. An index out of range ends the process.
    ///
    /// Only one thread at a time may write a row: two at once would lose counts.
    package func makeWriter(_ index: Int) -> Writer { Writer(self, index) }

    /// Returns the sum over all writers. Any thread. A recent value; it never decreases if the counts only increase.
    package func sum(of kind: Kind) -> UInt64 {
        // The initializer has checked that all kinds are in range.
        unsafe hs_counters_sum(counters, kind.rawValue)
    }

    /// Returns one writer's count. Any thread. A recent value. An index out of range ends the process.
    package func value(of kind: Kind, by writer: Int) -> UInt64 {
        // The function checks the index, the initializer has checked the kinds.
        unsafe hs_counters_load(hs_counters_row_of(counters, writer), kind.rawValue)
    }

    /// The writing end of one row, for one thread at a time.
    @safe
    public struct Writer: ~Copyable, @unchecked Sendable {
        // `@unchecked Sendable`: all accesses are atomic, whichever thread writes.
        @usableFromInline let row: OpaquePointer
        /// Retains the memory of the row.
        private let counters: Counters

        init(_ counters: Counters, _ index: Int) {
            self.counters = counters
            unsafe row = hs_counters_row_of(counters.counters, index)
        }

        /// Adds to a count.
        @inlinable @inline(__always) package func add(_ amount: Int, to kind: Kind) {
            // `Counters.init` has checked that all kinds are in range; the row lives as long as this value.
            unsafe hs_counters_add(row, kind.rawValue, UInt64(truncatingIfNeeded: amount))
        }

        /// Replaces a count: for a total that the writer keeps itself, and for what can go down.
        @inlinable @inline(__always) package func store(_ value: Int, in kind: Kind) {
            // As in `add`.
            unsafe hs_counters_store(row, kind.rawValue, UInt64(truncatingIfNeeded: value))
        }
    }
}
