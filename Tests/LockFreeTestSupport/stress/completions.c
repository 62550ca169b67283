#include <stdlib.h>

#include "../crew.h"
#include "ledger.h"
#include "../operations.h"

typedef struct {
    hs_completion link;
    uintptr_t value;
} node;

typedef struct {
    const hs_completions_operations *operations;
    hs_completions *completions;
    hs_load load;
    hs_crew crew;
    hs_ledger ledger;
    node *nodes;
    uint64_t batches;
    _Atomic uint64_t claims;
    _Atomic unsigned producers_at_work;
} run;

static void produce(run *run, unsigned producer) {
    uint64_t claims = 0;
    for (uint64_t number = 0; number < run->load.values_each; number++) {
        node *node = &run->nodes[producer * run->load.values_each + number];
        node->value = hs_value(producer, number);
        hs_operation_begins();
        if (run->operations->push(run->completions, &node->link)) claims += 1;
    }
    atomic_fetch_add(&run->claims, claims);
    atomic_fetch_sub(&run->producers_at_work, 1);
}

static void consume(run *run) {
    unsigned attempts = 0;
    uint64_t since = 0;
    for (;;) {
        bool ended = atomic_load(&run->producers_at_work) == 0;
        hs_completion *next = run->operations->take(run->completions);
        if (next == NULL && (ended || !hs_crew_waits(&run->crew, &attempts, &since))) return;
        if (next != NULL) {
            run->batches += 1;
            attempts = 0;
            since = 0;
        }
        while (next != NULL) {
            node *node = (void *)next;
            next = next->next;
            hs_ledger_enter(&run->ledger, node->value, true);
        }
    }
}

static void work(void *context, unsigned member) {
    run *run = context;
    if (member < run->load.producers) {
        produce(run, member);
    } else {
        consume(run);
    }
}

hs_tally hs_completions_stress(hs_completions_build build, hs_load load) {
    run run = {.operations = hs_completions_operations_of(build), .load = load, .producers_at_work = load.producers};
    run.completions = run.operations->create();
    run.nodes = calloc(load.producers * load.values_each, sizeof(node));
    if (run.completions == NULL || run.nodes == NULL) abort();
    run.ledger = hs_ledger_create(load, NULL);
    run.crew.size = load.producers + 1;
    run.crew.yields_one_in = load.yields_one_in;
    run.crew.work = work;
    run.crew.context = &run;
    uint64_t nanoseconds = hs_crew_run(&run.crew);
    hs_tally tally = hs_ledgers_close(&run.ledger, 1);
    tally.nanoseconds = nanoseconds;
    tally.stuck = run.crew.stuck;
    tally.miscounted = run.claims > run.batches ? run.claims - run.batches : run.batches - run.claims;
    hs_ledger_destroy(&run.ledger);
    free(run.nodes);
    run.operations->destroy(run.completions);
    return tally;
}
