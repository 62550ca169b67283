/// Statistics that cost a worker one load and one store: each worker counts on cache lines of its own, and
/// whoever asks adds the workers up.
///
/// Complexity  Add O(1), sum O(workers).
/// Progress    Wait-free: no loop, no read-modify-write, no line shared with another writer.
/// Memory      One array, freed by `destroy`. A count has 64 bits and wraps around after 2^64.
#ifndef HS_COUNTERS_H
#define HS_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

typedef struct hs_counters hs_counters;

/// `workers` times `kinds` counts, all 0. NULL: either is 0 or above 65,536, or there is no memory.
hs_counters *hs_counters_create(size_t workers, size_t kinds);

/// No other thread may use the counters any more. NULL is allowed.
void hs_counters_destroy(hs_counters *counters);

/// Adds `amount`. Only the thread that is `worker`: two at once would lose counts.
/// An index out of range ends the process.
void hs_counters_add(hs_counters *counters, size_t worker, size_t kind, uint64_t amount);

/// The sum over all workers. Any thread. While workers count, each one's share is a recent figure that never
/// goes back; shares are not from one and the same moment.
uint64_t hs_counters_sum(const hs_counters *counters, size_t kind);

#endif
