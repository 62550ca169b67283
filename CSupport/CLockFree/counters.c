#include "hs_counters.h"

#include "internal.h"

/// So many counts fill a line.
#define LINE_COUNTS (HS_LINE / sizeof(uint64_t))
#define LIMIT ((size_t)65536)

struct hs_counters {
    size_t workers, kinds;
    /// From one worker's first count to the next one's: whole lines.
    size_t stride;
    _Alignas(HS_LINE) _Atomic uint64_t counts[];
};

_Static_assert(offsetof(struct hs_counters, counts) == HS_LINE, "what is only read shares no line with counts");
_Static_assert(LINE_COUNTS * sizeof(_Atomic uint64_t) == HS_LINE, "counts fill lines exactly");

hs_counters *hs_counters_create(size_t workers, size_t kinds) {
    if (workers == 0 || workers > LIMIT || kinds == 0 || kinds > LIMIT) return NULL;
    size_t stride = (kinds + LINE_COUNTS - 1) / LINE_COUNTS * LINE_COUNTS;
    hs_counters *counters = hs_lines_allocate(sizeof(hs_counters) + workers * stride * sizeof(uint64_t));
    if (counters == NULL) return NULL;
    counters->workers = workers;
    counters->kinds = kinds;
    counters->stride = stride;
    return counters;
}

void hs_counters_destroy(hs_counters *counters) { free(counters); }

void hs_counters_add(hs_counters *counters, size_t worker, size_t kind, uint64_t amount) {
    if (worker >= counters->workers || kind >= counters->kinds) __builtin_trap();
#ifdef HS_COUNTERS_PLANT_SHARED_ROW
    worker = 0;
#endif
    _Atomic uint64_t *count = &counters->counts[worker * counters->stride + kind];
    /* relaxed: one writer, and the number says nothing about other memory. No read-modify-write, for the same
       reason: nobody else changes it between the load and the store. */
    uint64_t before = atomic_load_explicit(count, memory_order_relaxed);
    HS_POINT(HS_COUNTERS_ADDS);
    atomic_store_explicit(count, before + amount, memory_order_relaxed);
}

uint64_t hs_counters_sum(const hs_counters *counters, size_t kind) {
    if (kind >= counters->kinds) __builtin_trap();
    uint64_t sum = 0;
    for (size_t worker = 0; worker < counters->workers; worker++) {
        /* relaxed: as in add. */
        sum += atomic_load_explicit(&counters->counts[worker * counters->stride + kind], memory_order_relaxed);
    }
    return sum;
}
