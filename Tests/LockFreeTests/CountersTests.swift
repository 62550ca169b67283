import CLockFree
import Testing

@Suite("Counters, on one thread")
struct CountersTests {
    @Test("add up over workers, each kind for itself", arguments: [1, 16, 17])
    func sums(kinds: Int) throws {
        let counters = unsafe try #require(hs_counters_create(3, kinds))
        defer { unsafe hs_counters_destroy(counters) }
        for worker in 0..<3 {
            for kind in 0..<kinds {
                // In range; this thread is each of the workers in turn.
                unsafe hs_counters_add(counters, worker, kind, UInt64(100 * kind + worker))
                unsafe hs_counters_add(counters, worker, kind, 1)
            }
        }
        for kind in 0..<kinds {
            #expect(unsafe hs_counters_sum(counters, kind) == UInt64(300 * kind + 6))
        }
    }

    @Test("refuse sizes that make no sense", arguments: [(0, 1), (1, 0), (65_537, 1), (1, 65_537), (-1, 1)])
    func badSizes(workers: Int, kinds: Int) {
        #expect(unsafe hs_counters_create(workers, kinds) == nil)
    }
}
