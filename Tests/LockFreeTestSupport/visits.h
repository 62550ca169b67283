/// The control of the harness over its threads at the points in the sources. Included by the tests' builds of the
/// lock-free sources, in which each HS_POINT is a visit.
#ifndef HS_VISITS_H
#define HS_VISITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hs_proof.h"

/// A stop for one thread at one point, until it is opened.
typedef struct {
    hs_point point;
    _Atomic bool reached, open;
} hs_stop;

/// The behavior of a thread at points. Each thread begins without a yield and a stop.
typedef struct {
    /// Yields the processor at one visit in this many; 0: never.
    uint32_t yields_one_in;
    /// Waits here at the first visit; NULL: nowhere.
    hs_stop *stop;
    /// Set before the thread is ended because an operation loops without end.
    _Atomic bool *stuck;
    uint64_t random;
} hs_itinerary;

/// The itinerary of the calling thread.
hs_itinerary *hs_itinerary_of_thread(void);

/// Begins an operation: resets the count of visits, by which an endless loop is detected.
void hs_operation_begins(void);

/// A pseudo-random number from the thread's own sequence.
uint64_t hs_random(void);

/// Lets others run; the longer `*attempts` have failed, the more.
void hs_back_off(unsigned *attempts);

uint64_t hs_nanoseconds_now(void);

#ifndef HS_POINT
#define HS_POINT(point) hs_visit(point)
#endif

/// Visits a point: depending on the thread's itinerary nothing, a yield now and then, or a stop.
void hs_visit(hs_point point);

#endif
