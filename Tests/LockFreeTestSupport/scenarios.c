#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "subject.h"
#include "visits.h"

typedef struct {
    hs_subject subject;
    hs_scenario scenario;
    hs_event *events;
    size_t event_count;
    uint64_t pushed;
    hs_event stopped_event;
    hs_stop stop;
    _Atomic bool ended, others_completed, stuck;
} run;

static void perform(run *run, hs_operation operation) {
    uint64_t value = operation == HS_PUSH ? ++run->pushed : 0;
    if (run->event_count == HS_SCENARIO_EVENTS_MAX - 1) return;
    run->events[run->event_count++] = hs_subject_perform(&run->subject, operation, value);
}

static void *begin_stopped(void *argument) {
    run *run = argument;
    hs_itinerary_of_thread()->stuck = &run->stuck;
    hs_itinerary_of_thread()->stop = &run->stop;
    run->stopped_event = hs_subject_perform(&run->subject, run->scenario.stopped, 1000);
    atomic_store(&run->ended, true);
    return NULL;
}

static void *carry_out_moves(void *argument) {
    run *run = argument;
    hs_itinerary_of_thread()->stuck = &run->stuck;
    for (unsigned move = 0; move < run->scenario.move_count; move++) {
        perform(run, (hs_operation)(run->scenario.moves >> 2 * move & 3));
    }
    atomic_store(&run->others_completed, true);
    return NULL;
}

static void *pop_what_is_left(void *argument) {
    run *run = argument;
    hs_itinerary_of_thread()->stuck = &run->stuck;
    /* A broken structure may hold values without end. */
    for (unsigned count = 0; count < run->pushed + 4; count++) {
        perform(run, HS_POP);
        if (run->events[run->event_count - 1].outcome != HS_DONE) break;
    }
    return NULL;
}

static pthread_t start(void *(*work)(void *), run *run) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, run) != 0) abort();
    return thread;
}

static hs_scenario_result carry_out(run *run) {
    hs_subject_create(&run->subject, run->scenario.capacity);
    for (unsigned count = 0; count < run->scenario.pushes_before; count++) perform(run, HS_PUSH);
    for (unsigned count = 0; count < run->scenario.pops_before; count++) perform(run, HS_POP);
    run->stop.point = run->scenario.point;
    pthread_t stopped = start(begin_stopped, run);
    while (!atomic_load(&run->stop.reached) && !atomic_load(&run->ended) && !atomic_load(&run->stuck)) sched_yield();
    pthread_join(start(carry_out_moves, run), NULL);
    atomic_store(&run->stop.open, true);
    pthread_join(stopped, NULL);
    if (atomic_load(&run->ended)) run->events[run->event_count++] = run->stopped_event;
    if (!atomic_load(&run->stuck)) pthread_join(start(pop_what_is_left, run), NULL);
    hs_subject_destroy(&run->subject);
    return (hs_scenario_result){
        .event_count = run->event_count,
        .reached = run->stop.reached,
        .others_completed = run->others_completed,
        .stuck = run->stuck,
    };
}

hs_scenario_result hs_queue_run_scenario(hs_queue_build build, hs_scenario scenario, hs_event *events) {
    run run = {.scenario = scenario, .events = events, .subject = {.queue_operations = hs_queue_operations_of(build)}};
    return carry_out(&run);
}

hs_scenario_result hs_deque_run_scenario(hs_deque_build build, hs_scenario scenario, hs_event *events) {
    run run = {.scenario = scenario, .events = events, .subject = {.deque_operations = hs_deque_operations_of(build)}};
    return carry_out(&run);
}
