#include "crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

typedef struct {
    hs_crew *crew;
    unsigned number;
    pthread_t thread;
} member;

static void *run_member(void *argument) {
    member *self = argument;
    hs_crew *crew = self->crew;
    hs_itinerary *itinerary = hs_itinerary_of_thread();
    itinerary->yields_one_in = crew->yields_one_in;
    itinerary->random = (crew->seed + self->number + 1) * 0x9E3779B97F4A7C15u;
    itinerary->stuck = &crew->stuck;
    atomic_fetch_add(&crew->arrived, 1);
    while (atomic_load(&crew->arrived) < crew->size) sched_yield();
    crew->work(crew->context, self->number);
    return NULL;
}

uint64_t hs_crew_run(hs_crew *crew) {
    member *members = calloc(crew->size, sizeof(member));
    if (members == NULL) abort();
    uint64_t start = hs_nanoseconds_now();
    for (unsigned number = 0; number < crew->size; number++) {
        members[number] = (member){.crew = crew, .number = number};
        if (pthread_create(&members[number].thread, NULL, run_member, &members[number]) != 0) abort();
    }
    for (unsigned number = 0; number < crew->size; number++) pthread_join(members[number].thread, NULL);
    free(members);
    return hs_nanoseconds_now() - start;
}

bool hs_crew_waits(hs_crew *crew, unsigned *attempts, uint64_t *since) {
    hs_back_off(attempts);
    if (*attempts % 1024 != 0) return true;
    if (atomic_load(&crew->stuck)) return false;
    uint64_t now = hs_nanoseconds_now();
    if (*since == 0) *since = now;
    if (now - *since < HS_PATIENCE_NANOSECONDS) return true;
    atomic_store(&crew->stuck, true);
    return false;
}
