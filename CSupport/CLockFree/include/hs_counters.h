/// Statistics that cost a writer one load and one store: each writer has a row of counts on cache lines of its own,
/// and readers add the rows up.
///
/// Complexity  Add and store O(1), sum O(writers).
/// Progress    Wait-free: no loop, no read-modify-write, no line shared with another writer.
/// Memory      One array, freed by `destroy`. A count has 64 bits and wraps around after 2^64.
#ifndef HS_COUNTERS_H
#define HS_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/// Between the two steps of `add`: what `HS_POINT` is to the sources (see internal.h). Nothing at all in the product.
#ifndef HS_COUNTERS_POINT
#define HS_COUNTERS_POINT ((void)0)
#endif

typedef struct hs_counters hs_counters;

/// The counts of one writer.
typedef struct hs_counters_row hs_counters_row;

/// `writers` times `kinds` counts, all 0. NULL: either is 0 or above 65,536, or there is no memory.
hs_counters *hs_counters_create(size_t writers, size_t kinds);

/// No other thread may use the counters or their rows any more. NULL is allowed.
void hs_counters_destroy(hs_counters *counters);

/// The row of a writer, valid until `destroy`. An index out of range ends the process.
hs_counters_row *hs_counters_row_of(hs_counters *counters, size_t writer);

/// The sum over all writers. Any thread. While writers add, each one's share is a recent figure that never goes back;
/// shares are not from one and the same moment. A kind out of range ends the process.
uint64_t hs_counters_sum(const hs_counters *counters, size_t kind);

static inline _Atomic uint64_t *hs_counters_count(const hs_counters_row *row, size_t kind) {
    return (_Atomic uint64_t *)row + kind;
}

/// A count of one writer. Any thread. `kind` must be in range.
static inline uint64_t hs_counters_load(const hs_counters_row *row, size_t kind) {
    /* relaxed: the number says nothing about other memory. */
    return atomic_load_explicit(hs_counters_count(row, kind), memory_order_relaxed);
}

/// Replaces a count: for what the writer adds up itself, and for what can go down. Only the writer's thread. `kind`
/// must be in range.
static inline void hs_counters_store(hs_counters_row *row, size_t kind, uint64_t value) {
    /* relaxed: as in load. */
    atomic_store_explicit(hs_counters_count(row, kind), value, memory_order_relaxed);
}

/// Adds `amount`. Only the writer's thread: two at once would lose counts. `kind` must be in range.
static inline void hs_counters_add(hs_counters_row *row, size_t kind, uint64_t amount) {
    /* No read-modify-write: there is one writer, so nobody else changes the count between the load and the store. */
    uint64_t before = hs_counters_load(row, kind);
    HS_COUNTERS_POINT;
    hs_counters_store(row, kind, before + amount);
}

#endif
