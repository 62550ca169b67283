/// The lock-free structures that the thread pool is made of; each has a header of its own.
#ifndef HS_LOCKFREE_H
#define HS_LOCKFREE_H

#include "hs_completions.h"
#include "hs_counters.h"
#include "hs_cpu.h"
#include "hs_deque.h"
#include "hs_parking.h"
#include "hs_queue.h"

#endif
