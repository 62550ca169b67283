/// The threads of one run: they start together, each with an itinerary of its own, and are joined.
#ifndef HS_CREW_H
#define HS_CREW_H

#include <stdatomic.h>

#include "visits.h"

/// The time without any progress after which a run counts as stuck.
#define HS_PATIENCE_NANOSECONDS ((uint64_t)20 * 1000000000)

typedef struct {
    unsigned size;
    uint32_t yields_one_in;
    uint64_t seed;
    /// The work of thread number `member`.
    void (*work)(void *context, unsigned member);
    void *context;
    _Atomic unsigned arrived;
    _Atomic bool stuck;
} hs_crew;

/// Runs the crew, and returns how many nanoseconds it took from the common start to the last end.
uint64_t hs_crew_run(hs_crew *crew);

/// Lets other threads run; for a thread that retries an operation which depends on them. False: this has lasted too
/// long, or another thread has given up, so the caller must give up too. `*attempts` and `*since` begin as 0.
bool hs_crew_waits(hs_crew *crew, unsigned *attempts, uint64_t *since);

#endif
