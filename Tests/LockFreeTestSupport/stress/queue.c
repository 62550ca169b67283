#include <stdlib.h>

#include "../crew.h"
#include "ledger.h"
#include "../operations.h"

typedef struct {
    const hs_queue_operations *operations;
    hs_queue *queue;
    hs_load load;
    hs_crew crew;
    hs_ledger *ledgers;
    hs_cargo cargo;
    _Atomic unsigned producers_at_work;
} run;

static void produce(run *run, unsigned producer) {
    for (uint64_t number = 0; number < run->load.values_each; number++) {
        uintptr_t value = hs_cargo_pack(&run->cargo, producer, number);
        unsigned attempts = 0;
        uint64_t since = 0;
        for (;;) {
            hs_operation_begins();
            if (run->operations->push(run->queue, value)) break;
            if (!hs_crew_waits(&run->crew, &attempts, &since)) return;
        }
    }
}

static void consume(run *run, hs_ledger *ledger) {
    unsigned attempts = 0;
    uint64_t since = 0;
    uint64_t most = run->load.producers * run->load.values_each;
    /* A broken queue may hold values without end. */
    while (ledger->taken <= most) {
        /* Read before the pop: when all producers had ended, empty means empty for good. */
        bool ended = atomic_load(&run->producers_at_work) == 0;
        uintptr_t value;
        hs_operation_begins();
        if (run->operations->pop(run->queue, &value)) {
            hs_ledger_enter(ledger, value, true);
            attempts = 0;
            since = 0;
        } else if (ended || !hs_crew_waits(&run->crew, &attempts, &since)) {
            return;
        }
    }
}

static void work(void *context, unsigned member) {
    run *run = context;
    if (member >= run->load.producers) {
        consume(run, &run->ledgers[member - run->load.producers]);
        return;
    }
    produce(run, member);
    atomic_fetch_sub(&run->producers_at_work, 1);
}

hs_tally hs_queue_stress(hs_queue_build build, hs_load load) {
    run run = {.operations = hs_queue_operations_of(build), .load = load, .producers_at_work = load.producers};
    run.queue = run.operations->create(load.capacity);
    bool sound = build == HS_QUEUE_PRODUCT || build == HS_QUEUE_STEERED || build == HS_QUEUE_WRAPPING;
    run.cargo = hs_cargo_create(load, sound);
    run.ledgers = calloc(load.consumers, sizeof(hs_ledger));
    if (run.queue == NULL || run.ledgers == NULL) abort();
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
    for (unsigned consumer = 0; consumer < load.consumers; consumer++) hs_ledger_destroy(&run.ledgers[consumer]);
    free(run.ledgers);
    hs_cargo_destroy(&run.cargo);
    run.operations->destroy(run.queue, NULL);
    return tally;
}
