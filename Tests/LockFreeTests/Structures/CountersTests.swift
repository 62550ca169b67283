import CLockFree
import Testing

@Suite("Counters, on one thread")
struct CountersTests {
    @Test("add up over writers, each kind for itself", arguments: [1, 16, 17])
    func sums(kinds: Int) throws {
        let counters = unsafe try #require(hs_counters_create(3, kinds))
        defer { unsafe hs_counters_destroy(counters) }
        for writer in 0..<3 {
            // All in range; this thread is each of the writers in turn.
            let row = unsafe hs_counters_row_of(counters, writer)
            for kind in 0..<kinds {
                unsafe hs_counters_add(row, kind, UInt64(100 * kind + writer))
                unsafe hs_counters_add(row, kind, 1)
            }
        }
        for kind in 0..<kinds {
            #expect(unsafe hs_counters_sum(counters, kind) == UInt64(300 * kind + 6))
        }
    }

    @Test("store replaces one writer's count, which others read by itself and in the sum")
    func store() throws {
        let counters = unsafe try #require(hs_counters_create(2, 2))
        defer { unsafe hs_counters_destroy(counters) }
        // In range; this thread is both writers.
        let first = unsafe hs_counters_row_of(counters, 0)
        let second = unsafe hs_counters_row_of(counters, 1)
        unsafe hs_counters_store(first, 1, 7)
        unsafe hs_counters_store(second, 1, 20)
        unsafe hs_counters_store(first, 1, 5)
        #expect(unsafe hs_counters_load(first, 1) == 5 && hs_counters_load(second, 1) == 20)
        #expect(unsafe hs_counters_sum(counters, 1) == 25 && hs_counters_sum(counters, 0) == 0)
    }

    @Test("rows begin at a pair of cache lines, so that no two writers share one", arguments: [1, 16, 17])
    func rows(kinds: Int) throws {
        let counters = unsafe try #require(hs_counters_create(3, kinds))
        defer { unsafe hs_counters_destroy(counters) }
        let addresses = (0..<3).map { unsafe UInt(bitPattern: hs_counters_row_of(counters, $0)) }
        #expect(addresses.allSatisfy { $0.isMultiple(of: 128) })
        #expect(Set(addresses).count == 3)
    }

    @Test("refuse sizes out of range", arguments: [(0, 1), (1, 0), (65_537, 1), (1, 65_537), (-1, 1)])
    func badSizes(writers: Int, kinds: Int) {
        #expect(unsafe hs_counters_create(writers, kinds) == nil)
    }
}
