/// Force-fed to the lock-free sources in the tests' own builds of them: turns each HS_POINT into a visit.
#ifndef HS_PLACES_H
#define HS_PLACES_H

#include "hs_proof.h"

#ifndef HS_POINT
#define HS_POINT(place) hs_visit(place)
#endif

/// What happens at a place is up to the visiting thread: nothing, a yield now and then, or a stop.
void hs_visit(hs_place place);

#endif
