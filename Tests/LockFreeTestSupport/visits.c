#define _GNU_SOURCE
#include "visits.h"

#include <hs_cpu.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

/// No operation on a sound structure comes near: each extra visit is caused by a step of another thread.
#define VISITS_MAX 1000000u

static _Thread_local hs_itinerary itinerary;
static _Thread_local unsigned visits;

hs_itinerary *hs_itinerary_of_thread(void) { return &itinerary; }

void hs_operation_begins(void) { visits = 0; }

uint64_t hs_random(void) {
    /* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016. */
    uint64_t state = itinerary.random == 0 ? 0x9E3779B97F4A7C15u : itinerary.random;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    itinerary.random = state;
    return state * 0x2545F4914F6CDD1Du;
}

void hs_visit(hs_point point) {
    if (++visits > VISITS_MAX && itinerary.stuck != NULL) {
        atomic_store(itinerary.stuck, true);
        pthread_exit(NULL);
    }
    hs_stop *stop = itinerary.stop;
    if (stop != NULL && stop->point == point) {
        itinerary.stop = NULL;
        atomic_store(&stop->reached, true);
        while (!atomic_load(&stop->open)) sched_yield();
    }
    if (itinerary.yields_one_in != 0 && hs_random() % itinerary.yields_one_in == 0) sched_yield();
}

void hs_back_off(unsigned *attempts) {
    if (++*attempts % 16 != 0) {
        hs_cpu_relax();
    } else {
        sched_yield();
    }
}

uint64_t hs_nanoseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
