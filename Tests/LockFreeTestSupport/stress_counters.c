#include <stdlib.h>

#include "crew.h"
#include "operations.h"

/// Enough that two workers' counts would share a line if rows were not padded.
#define KINDS 3
#define KIND 1

typedef struct {
    const hs_counters_operations *operations;
    hs_counters *counters;
    hs_load load;
    _Atomic unsigned workers_at_work;
    _Atomic uint64_t disordered;
} run;

static void work(void *context, unsigned member) {
    run *run = context;
    if (member < run->load.producers) {
        for (uint64_t number = 0; number < run->load.values_each; number++) {
            hs_operation_begins();
            run->operations->add(run->counters, member, KIND, 1);
        }
        atomic_fetch_sub(&run->workers_at_work, 1);
        return;
    }
    uint64_t before = 0;
    unsigned attempts = 0;
    while (atomic_load(&run->workers_at_work) > 0) {
        uint64_t sum = run->operations->sum(run->counters, KIND);
        if (sum < before) atomic_fetch_add(&run->disordered, 1);
        before = sum;
        hs_back_off(&attempts);
    }
}

hs_tally hs_counters_stress(hs_counters_build build, hs_load load) {
    run run = {.operations = hs_counters_operations_of(build), .load = load, .workers_at_work = load.producers};
    run.counters = run.operations->create(load.producers, KINDS);
    if (run.counters == NULL) abort();
    hs_crew crew = {
        .size = load.producers + load.consumers, .yields_one_in = load.yields_one_in, .work = work, .context = &run};
    uint64_t nanoseconds = hs_crew_run(&crew);
    hs_tally tally = {.moved = load.producers * load.values_each, .nanoseconds = nanoseconds};
    uint64_t sum = run.operations->sum(run.counters, KIND);
    tally.missing = sum < tally.moved ? tally.moved - sum : 0;
    tally.invented = sum > tally.moved ? sum - tally.moved : 0;
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (kind != KIND) tally.invented += run.operations->sum(run.counters, kind);
    }
    tally.disordered = run.disordered;
    run.operations->destroy(run.counters);
    return tally;
}
