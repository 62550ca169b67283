#include <stdlib.h>

#include "../crew.h"
#include "ledger.h"
#include "../operations.h"

typedef struct {
    const hs_parking_operations *operations;
    hs_parking *parking;
    hs_queue *queue;
    hs_load load;
    int64_t patience_nanoseconds;
    hs_crew crew;
    hs_ledger *ledgers;
    hs_cargo cargo;
    _Atomic uint64_t granted, used, forgotten;
    _Atomic unsigned producers_at_work;
} run;

static void produce(run *run, unsigned producer) {
    uint64_t granted = 0;
    /* One forgotten sleeper is proof enough. */
    for (uint64_t number = 0; number < run->load.values_each && atomic_load(&run->forgotten) == 0; number++) {
        uintptr_t value = hs_cargo_pack(&run->cargo, producer, number);
        unsigned attempts = 0;
        uint64_t since = 0;
        while (!hs_queue_push(run->queue, value)) {
            if (!hs_crew_waits(&run->crew, &attempts, &since)) break;
        }
        hs_operation_begins();
        if (run->operations->sleepers(run->parking) > 0 && run->operations->wake_one(run->parking)) granted += 1;
        /* Now and then let the consumers catch up and fall asleep. */
        if (hs_random() % 16 == 0) {
            unsigned rest = 15;
            hs_back_off(&rest);
        }
    }
    if (atomic_fetch_sub(&run->producers_at_work, 1) == 1) granted += run->operations->wake_all(run->parking);
    atomic_fetch_add(&run->granted, granted);
}

/// Sleeps until there may be work. False: never again.
static bool sleep(run *run, hs_ledger *ledger) {
    hs_operation_begins();
    run->operations->announce(run->parking);
    /* The end is announced like work: producers count down, then wake. Read before the pop, so that empty means
       empty for good. */
    bool ended = atomic_load(&run->producers_at_work) == 0;
    uintptr_t value;
    if (hs_queue_pop(run->queue, &value)) {
        if (run->operations->cancel(run->parking)) atomic_fetch_add(&run->used, 1);
        hs_ledger_enter(ledger, value, true);
        return true;
    }
    if (ended) {
        if (run->operations->cancel(run->parking)) atomic_fetch_add(&run->used, 1);
        return false;
    }
    uint64_t asleep = hs_nanoseconds_now();
    bool woken = run->operations->wait(run->parking, run->patience_nanoseconds);
    bool late = hs_nanoseconds_now() - asleep >= (uint64_t)run->patience_nanoseconds;
    /* Woken too late: the wake-up had been granted, but the sleeper did not see it. */
    bool work = hs_queue_count(run->queue) > 0 || atomic_load(&run->producers_at_work) == 0;
    if (late && (woken || work)) atomic_fetch_add(&run->forgotten, 1);
    if (woken) atomic_fetch_add(&run->used, 1);
    return true;
}

static void consume(run *run, hs_ledger *ledger) {
    do {
        uintptr_t value;
        while (hs_queue_pop(run->queue, &value)) hs_ledger_enter(ledger, value, true);
    } while (sleep(run, ledger));
}

static void work(void *context, unsigned member) {
    run *run = context;
    if (member < run->load.producers) {
        produce(run, member);
    } else {
        consume(run, &run->ledgers[member - run->load.producers]);
    }
}

hs_tally hs_parking_stress(hs_parking_build build, hs_load load, int64_t patience_nanoseconds) {
    run run = {.operations = hs_parking_operations_of(build), .load = load, .producers_at_work = load.producers};
    run.patience_nanoseconds = patience_nanoseconds;
    run.parking = run.operations->create();
    run.queue = hs_queue_create(load.capacity);
    run.cargo = hs_cargo_create(load, true);
    run.ledgers = calloc(load.consumers, sizeof(hs_ledger));
    if (run.parking == NULL || run.queue == NULL || run.ledgers == NULL) abort();
    for (unsigned consumer = 0; consumer < load.consumers; consumer++) {
        run.ledgers[consumer] = hs_ledger_create(load, &run.cargo);
    }
    run.crew.size = load.producers + load.consumers;
    run.crew.yields_one_in = load.yields_one_in;
    run.crew.work = work;
    run.crew.context = &run;
    uint64_t nanoseconds = hs_crew_run(&run.crew);
    hs_tally tally = hs_ledgers_close(run.ledgers, load.consumers);
    tally.nanoseconds = nanoseconds;
    tally.stuck = run.crew.stuck;
    tally.forgotten = run.forgotten;
    tally.miscounted = run.granted > run.used ? run.granted - run.used : run.used - run.granted;
    tally.miscounted += run.operations->sleepers(run.parking);
    for (unsigned consumer = 0; consumer < load.consumers; consumer++) hs_ledger_destroy(&run.ledgers[consumer]);
    free(run.ledgers);
    hs_cargo_destroy(&run.cargo);
    hs_queue_destroy(run.queue, NULL);
    run.operations->destroy(run.parking);
    return tally;
}
