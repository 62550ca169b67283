/// How the harness steers its own threads through the places in the sources.
#ifndef HS_VISITS_H
#define HS_VISITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hs_proof.h"

/// A stop for one thread at one place, until somebody opens it.
typedef struct {
    hs_place place;
    _Atomic bool reached, open;
} hs_stop;

/// What the calling thread does at places from now on. Each thread begins with neither.
typedef struct {
    /// Give the processor away at one visit in so many; 0: never.
    uint32_t yields_one_in;
    /// Wait here at the first visit; NULL: nowhere.
    hs_stop *stop;
    /// Set before the thread is ended because an operation went in circles.
    _Atomic bool *stuck;
    uint64_t random;
} hs_itinerary;

/// The calling thread's own.
hs_itinerary *hs_itinerary_of_thread(void);

/// Begins an operation: the count of visits, by which one that goes in circles is found out, starts again.
void hs_operation_begins(void);

/// A pseudo-random number from the thread's own sequence.
uint64_t hs_random(void);

/// Lets others run; the longer `*attempts` have failed, the more.
void hs_back_off(unsigned *attempts);

uint64_t hs_nanoseconds_now(void);

#endif
