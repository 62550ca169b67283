#define _GNU_SOURCE
#include "hs_parking.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the kernel reads the lower half of `state` at its start");

/// The upper half of `state` counts sleepers, the lower half wake-ups. The kernel watches the lower half.
#define SLEEPER ((uint64_t)1 << 32)
#define WAKEUP ((uint64_t)1)

struct hs_parking {
    _Alignas(HS_LINE) _Atomic uint64_t state;
};

_Static_assert(sizeof(struct hs_parking) == HS_LINE, "a line of its own");

static inline uint32_t sleepers_in(uint64_t state) { return (uint32_t)(state >> 32); }
static inline uint32_t wakeups_in(uint64_t state) { return (uint32_t)state; }

hs_parking *hs_parking_create(void) {
    hs_parking *parking = hs_lines_allocate(sizeof(hs_parking));
    if (parking != NULL) atomic_init(&parking->state, 0);
    return parking;
}

void hs_parking_destroy(hs_parking *parking) { free(parking); }

/// Sleeps while there are no wake-ups, until `deadline` (NULL: for ever). Returns 0 or an errno.
static int futex_wait(hs_parking *parking, const struct timespec *deadline) {
    uint32_t expected = 0;
#ifdef HS_PARKING_PLANT_BLIND_SLEEP
    expected = (uint32_t)atomic_load_explicit(&parking->state, memory_order_relaxed);
#endif
    /* The bitset form takes the deadline itself, on CLOCK_MONOTONIC: waking early does not lengthen the wait. */
    long result = syscall(SYS_futex, (uint32_t *)&parking->state, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline,
                          NULL, FUTEX_BITSET_MATCH_ANY);
    return result == 0 ? 0 : errno;
}

static void futex_wake(hs_parking *parking, int threads) {
    syscall(SYS_futex, (uint32_t *)&parking->state, FUTEX_WAKE_PRIVATE, threads, NULL, NULL, 0);
}

static struct timespec deadline_after(int64_t nanoseconds) {
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += nanoseconds / 1000000000;
    deadline.tv_nsec += nanoseconds % 1000000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec += 1;
        deadline.tv_nsec -= 1000000000;
    }
    return deadline;
}

void hs_parking_announce(hs_parking *parking) {
    /* SC: pairs with the SC load in hs_parking_sleepers; see the header's first argument. */
    atomic_fetch_add_explicit(&parking->state, SLEEPER, memory_order_seq_cst);
}

/// Uses a wake-up, if there is one.
static bool use_wakeup(hs_parking *parking) {
    /* acquire, as below. */
    uint64_t state = atomic_load_explicit(&parking->state, memory_order_acquire);
    while (wakeups_in(state) > 0) {
        /* acquire: pairs with the release in wake: what was written before the wake-up is visible after the wait. */
        if (atomic_compare_exchange_weak_explicit(
                &parking->state, &state, state - WAKEUP, memory_order_acquire, memory_order_acquire)) {
            return true;
        }
    }
    return false;
}

/// Takes this thread away from the sleepers or uses a wake-up, whichever is preferred, if there is one; else the other,
/// which there is: the two together are the announced threads. True: it was a wake-up.
/// One step decides. In two, the thread that the last wake-up was meant for may have slept in between, and the next one
/// would be taken away from it (Tests/Models/parking.pml found that).
static bool leave(hs_parking *parking, bool prefers_wakeup) {
    uint64_t state = atomic_load_explicit(&parking->state, memory_order_relaxed);
    for (;;) {
        bool wakeup = prefers_wakeup ? wakeups_in(state) > 0 : sleepers_in(state) == 0;
        /* acquire: as in use_wakeup. */
        if (atomic_compare_exchange_weak_explicit(
                &parking->state, &state, state - (wakeup ? WAKEUP : SLEEPER), memory_order_acquire,
                memory_order_relaxed)) {
            return wakeup;
        }
    }
}

bool hs_parking_cancel(hs_parking *parking) {
    /* A wake-up is left to a thread that has no work yet. */
    return leave(parking, false);
}

bool hs_parking_wait(hs_parking *parking, int64_t timeout_nanoseconds) {
    struct timespec deadline;
    if (timeout_nanoseconds >= 0) deadline = deadline_after(timeout_nanoseconds);
    for (;;) {
        if (use_wakeup(parking)) return true;
        HS_POINT(HS_PARKING_SLEEPS);
        /* EAGAIN: a wake-up came just now. EINTR and 0: look again, it may be another thread's. */
        if (futex_wait(parking, timeout_nanoseconds >= 0 ? &deadline : NULL) != ETIMEDOUT) continue;
        /* A wake-up is used even now: this thread is awake, and the one it was meant for may not be. */
        return leave(parking, true);
    }
}

/// Turns up to `most` sleepers into wake-ups, and returns how many.
static uint32_t wake(hs_parking *parking, uint32_t most) {
    /* SC: see hs_parking_sleepers. */
    uint64_t state = atomic_load_explicit(&parking->state, memory_order_seq_cst);
    while (sleepers_in(state) > 0) {
        uint32_t woken = sleepers_in(state) < most ? sleepers_in(state) : most;
        /* release: pairs with the acquire in use_wakeup. Failure SC, like the load. */
        if (atomic_compare_exchange_weak_explicit(
                &parking->state, &state, state - woken * SLEEPER + woken * WAKEUP, memory_order_seq_cst,
                memory_order_seq_cst)) {
            HS_POINT(HS_PARKING_WAKES);
            futex_wake(parking, woken < INT_MAX ? (int)woken : INT_MAX);
            return woken;
        }
    }
    return 0;
}

bool hs_parking_wake_one(hs_parking *parking) { return wake(parking, 1) > 0; }

size_t hs_parking_wake_all(hs_parking *parking) { return wake(parking, UINT32_MAX); }

size_t hs_parking_sleepers(const hs_parking *parking) {
    /* SC: pairs with the announcement; see the header's first argument. */
    return sleepers_in(atomic_load_explicit(&parking->state, memory_order_seq_cst));
}
