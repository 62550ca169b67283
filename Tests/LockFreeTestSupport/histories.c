#include <sched.h>

#include "crew.h"
#include "subject.h"

typedef struct {
    hs_subject subject;
    hs_shape shape;
    hs_event *events;
    /// Threads that wait for the round, and the round's number.
    _Atomic unsigned waiting, round;
} run;

/// Holds each thread until all have arrived. The last one replaces the structure, except at the end.
static void begin_round(run *run, unsigned round) {
    if (atomic_fetch_add(&run->waiting, 1) + 1 == run->shape.threads) {
        if (round > 0) hs_subject_destroy(&run->subject);
        if (round < run->shape.rounds) hs_subject_create(&run->subject, run->shape.capacity);
        atomic_store(&run->waiting, 0);
        atomic_store(&run->round, round + 1);
    }
    while (atomic_load(&run->round) <= round) sched_yield();
}

static hs_operation choose(const run *run, unsigned member) {
    if (run->subject.deque_operations != NULL && member > 0) return HS_STEAL;
    return hs_random() % 2 == 0 ? HS_PUSH : HS_POP;
}

static void work(void *context, unsigned member) {
    run *run = context;
    const hs_shape *shape = &run->shape;
    for (unsigned round = 0; round < shape->rounds; round++) {
        begin_round(run, round);
        hs_event *events = run->events + ((size_t)round * shape->threads + member) * shape->operations_each;
        for (unsigned number = 0; number < shape->operations_each; number++) {
            uint64_t value = member * shape->operations_each + number + 1;
            events[number] = hs_subject_perform(&run->subject, choose(run, member), value);
        }
    }
    begin_round(run, shape->rounds);
}

static void record(run *run) {
    hs_crew crew = {
        .size = run->shape.threads,
        .yields_one_in = run->shape.yields_one_in,
        .seed = run->shape.seed,
        .work = work,
        .context = run,
    };
    hs_crew_run(&crew);
}

void hs_queue_histories(hs_queue_build build, hs_shape shape, hs_event *events) {
    run run = {.shape = shape, .events = events, .subject = {.queue_operations = hs_queue_operations_of(build)}};
    record(&run);
}

void hs_deque_histories(hs_deque_build build, hs_shape shape, hs_event *events) {
    run run = {.shape = shape, .events = events, .subject = {.deque_operations = hs_deque_operations_of(build)}};
    record(&run);
}
