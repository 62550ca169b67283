public import CLockFree

/// Counts by writer and kind: `hs_counters`. Each writer counts on cache lines of its own, a load and a store a time;
/// whoever asks adds the writers up.
@safe
public struct Counters: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made for one thread a writer and any number of readers, and lives as
    // long as this value, its only owner.
    @usableFromInline let counters: OpaquePointer

    /// Creates counts that are 0; both numbers are from 1 to 65,536.
    package init(writers: Int, kinds: Int) {
        precondition(
            (1...65_536).contains(writers) && (1...65_536).contains(kinds),
            "there are no counters for \(writers) writers and \(kinds) kinds")
        unsafe counters = hs_counters_create(writers, kinds).orOutOfMemory()
    }

    deinit { unsafe hs_counters_destroy(counters) }

    /// Adds `amount`. Only the thread that is `writer`: two at once would lose counts. An index out of range ends the
    /// process.
    @inlinable package func add(_ amount: UInt64, to kind: Int, by writer: Int) {
        unsafe hs_counters_add(counters, writer, kind, amount)
    }

    /// The sum over all writers. Any thread. A recent figure, which never goes back.
    @inlinable package func sum(of kind: Int) -> UInt64 { unsafe hs_counters_sum(counters, kind) }
}
