/* Scenarios with fixed interleavings. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "operations.h"
#include "visits.h"

typedef struct {
    const hs_deque_operations *deque_operations;
    hs_deque *deque;
    hs_stop thief_stop;
    _Atomic unsigned winners;
    const hs_completions_operations *completions_operations;
    hs_completions *completions;
    hs_completion *node;
    const hs_counters_operations *counters_operations;
    hs_counters *counters;
    const hs_parking_operations *parking_operations;
    hs_parking *parking;
    hs_stop stop;
    _Atomic bool announced, may_wait, ended;
} run;

static pthread_t start(void *(*work)(void *), run *run) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, run) != 0) abort();
    return thread;
}

static void await(const _Atomic bool *flag) {
    while (!atomic_load(flag)) sched_yield();
}

static void finish(run *run, pthread_t thread) {
    atomic_store(&run->stop.open, true);
    pthread_join(thread, NULL);
}

static void *steal_stopped(void *argument) {
    run *run = argument;
    uintptr_t value;
    hs_itinerary_of_thread()->stop = &run->thief_stop;
    if (run->deque_operations->steal(run->deque, &value) == HS_STEAL_SUCCESS) atomic_fetch_add(&run->winners, 1);
    return NULL;
}

static void *pop_stopped(void *argument) {
    run *run = argument;
    uintptr_t value;
    hs_itinerary_of_thread()->stop = &run->stop;
    if (run->deque_operations->pop(run->deque, &value)) atomic_fetch_add(&run->winners, 1);
    return NULL;
}

unsigned hs_deque_overtaken_owner(hs_deque_build build) {
    run run = {.deque_operations = hs_deque_operations_of(build)};
    run.thief_stop.point = HS_DEQUE_STEALS;
    run.stop.point = HS_DEQUE_TAKES_LAST;
    run.deque = run.deque_operations->create(2);
    if (run.deque == NULL) abort();
    run.deque_operations->push(run.deque, 1);
    pthread_t thief = start(steal_stopped, &run);
    await(&run.thief_stop.reached);
    pthread_t owner = start(pop_stopped, &run);
    await(&run.stop.reached);
    atomic_store(&run.thief_stop.open, true);
    pthread_join(thief, NULL);
    finish(&run, owner);
    run.deque_operations->destroy(run.deque, NULL);
    return run.winners;
}

static void *push_stopped(void *argument) {
    run *run = argument;
    hs_itinerary_of_thread()->stop = &run->stop;
    run->completions_operations->push(run->completions, run->node);
    return NULL;
}

unsigned hs_completions_overtaken_push(hs_completions_build build) {
    hs_completion first, second;
    run run = {.completions_operations = hs_completions_operations_of(build), .node = &first};
    run.stop.point = HS_COMPLETIONS_PUSHES;
    run.completions = run.completions_operations->create();
    if (run.completions == NULL) abort();
    pthread_t thread = start(push_stopped, &run);
    await(&run.stop.reached);
    run.completions_operations->push(run.completions, &second);
    finish(&run, thread);
    unsigned count = 0;
    for (hs_completion *node = run.completions_operations->take(run.completions); node != NULL; node = node->next) {
        count += 1;
    }
    run.completions_operations->destroy(run.completions);
    return count;
}

static void *add_stopped(void *argument) {
    run *run = argument;
    hs_itinerary_of_thread()->stop = &run->stop;
    run->counters_operations->add(run->counters_operations->row_of(run->counters, 0), 0, 1);
    return NULL;
}

uint64_t hs_counters_overtaken_add(hs_counters_build build) {
    run run = {.counters_operations = hs_counters_operations_of(build)};
    run.stop.point = HS_COUNTERS_ADDS;
    run.counters = run.counters_operations->create(2, 1);
    if (run.counters == NULL) abort();
    pthread_t thread = start(add_stopped, &run);
    await(&run.stop.reached);
    run.counters_operations->add(run.counters_operations->row_of(run.counters, 1), 0, 10);
    finish(&run, thread);
    uint64_t sum = run.counters_operations->sum(run.counters, 0);
    run.counters_operations->destroy(run.counters);
    return sum;
}

static void *sleep_stopped(void *argument) {
    run *run = argument;
    run->parking_operations->announce(run->parking);
    atomic_store(&run->announced, true);
    await(&run->may_wait);
    hs_itinerary_of_thread()->stop = &run->stop;
    run->parking_operations->wait(run->parking, -1);
    atomic_store(&run->ended, true);
    return NULL;
}

bool hs_parking_wakeup_before_sleep(hs_parking_build build, bool stop, int64_t patience_nanoseconds) {
    run run = {.parking_operations = hs_parking_operations_of(build)};
    run.stop.point = HS_PARKING_SLEEPS;
    run.parking = run.parking_operations->create();
    if (run.parking == NULL) abort();
    pthread_t thread = start(sleep_stopped, &run);
    await(&run.announced);
    if (stop) {
        atomic_store(&run.may_wait, true);
        await(&run.stop.reached);
    }
    run.parking_operations->wake_one(run.parking);
    atomic_store(&run.may_wait, true);
    atomic_store(&run.stop.open, true);
    uint64_t deadline = hs_nanoseconds_now() + (uint64_t)patience_nanoseconds;
    while (!atomic_load(&run.ended) && hs_nanoseconds_now() < deadline) sched_yield();
    bool woke = atomic_load(&run.ended);
    /* Wakes a forgotten sleeper: this thread announces itself, so that there is a sleeper to wake even if the
       forgotten one is not counted. */
    while (!atomic_load(&run.ended)) {
        run.parking_operations->announce(run.parking);
        run.parking_operations->wake_one(run.parking);
        sched_yield();
    }
    pthread_join(thread, NULL);
    run.parking_operations->destroy(run.parking);
    return woke;
}
