#include "hs_counters.h"

#include "internal.h"

/// How many counts fill a line.
#define LINE_COUNTS (HS_LINE / sizeof(uint64_t))
#define LIMIT ((size_t)65536)

struct hs_counters {
    size_t writers, kinds;
    /// From one writer's first count to the next one's: whole lines.
    size_t stride;
    _Alignas(HS_LINE) _Atomic uint64_t counts[];
};

_Static_assert(offsetof(struct hs_counters, counts) == HS_LINE, "what is only read shares no line with counts");
_Static_assert(LINE_COUNTS * sizeof(_Atomic uint64_t) == HS_LINE, "counts fill lines exactly");

hs_counters *hs_counters_create(size_t writers, size_t kinds) {
    if (writers == 0 || writers > LIMIT || kinds == 0 || kinds > LIMIT) return NULL;
    size_t stride = (kinds + LINE_COUNTS - 1) / LINE_COUNTS * LINE_COUNTS;
    hs_counters *counters = hs_lines_allocate(sizeof(hs_counters) + writers * stride * sizeof(uint64_t));
    if (counters == NULL) return NULL;
    counters->writers = writers;
    counters->kinds = kinds;
    counters->stride = stride;
    return counters;
}

void hs_counters_destroy(hs_counters *counters) { free(counters); }

hs_counters_row *hs_counters_row_of(hs_counters *counters, size_t writer) {
    if (writer >= counters->writers) __builtin_trap();
#ifdef HS_COUNTERS_PLANT_SHARED_ROW
    writer = 0;
#endif
    return (hs_counters_row *)&counters->counts[writer * counters->stride];
}

uint64_t hs_counters_sum(const hs_counters *counters, size_t kind) {
    if (kind >= counters->kinds) __builtin_trap();
    uint64_t sum = 0;
    for (size_t writer = 0; writer < counters->writers; writer++) {
        sum += hs_counters_load((const hs_counters_row *)&counters->counts[writer * counters->stride], kind);
    }
    return sum;
}
