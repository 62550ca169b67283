#include <stdlib.h>

#include "../crew.h"
#include "../operations.h"

/// Enough that two writers' counts would share a line if rows were not padded.
#define KINDS 4
/// The count that is added to, and the count in which the writer stores a total; the others stay 0.
#define ADDED 1
#define STORED 2

typedef struct {
    const hs_counters_operations *operations;
    hs_counters *counters;
    hs_load load;
    _Atomic unsigned writers_at_work;
    _Atomic uint64_t disordered;
} run;

static void work(void *context, unsigned member) {
    run *run = context;
    if (member < run->load.producers) {
        hs_counters_row *row = run->operations->row_of(run->counters, member);
        for (uint64_t number = 0; number < run->load.values_each; number++) {
            hs_operation_begins();
            run->operations->add(row, ADDED, 1);
            run->operations->store(row, STORED, number + 1);
        }
        atomic_fetch_sub(&run->writers_at_work, 1);
        return;
    }
    /* A reader reads the sums, and one row. */
    hs_counters_row *row = run->operations->row_of(run->counters, member % run->load.producers);
    uint64_t before[3] = {0};
    unsigned attempts = 0;
    while (atomic_load(&run->writers_at_work) > 0) {
        uint64_t seen[3] = {
            run->operations->sum(run->counters, ADDED),
            run->operations->sum(run->counters, STORED),
            run->operations->load(row, ADDED),
        };
        for (size_t index = 0; index < 3; index++) {
            if (seen[index] < before[index]) atomic_fetch_add(&run->disordered, 1);
            before[index] = seen[index];
        }
        hs_back_off(&attempts);
    }
}

hs_tally hs_counters_stress(hs_counters_build build, hs_load load) {
    run run = {.operations = hs_counters_operations_of(build), .load = load, .writers_at_work = load.producers};
    run.counters = run.operations->create(load.producers, KINDS);
    if (run.counters == NULL) abort();
    hs_crew crew = {
        .size = load.producers + load.consumers, .yields_one_in = load.yields_one_in, .work = work, .context = &run};
    uint64_t nanoseconds = hs_crew_run(&crew);
    hs_tally tally = {.moved = load.producers * load.values_each, .nanoseconds = nanoseconds};
    for (size_t kind = 0; kind < KINDS; kind++) {
        uint64_t sum = run.operations->sum(run.counters, kind);
        uint64_t expected = kind == ADDED || kind == STORED ? tally.moved : 0;
        tally.missing += sum < expected ? expected - sum : 0;
        tally.invented += sum > expected ? sum - expected : 0;
    }
    tally.disordered = run.disordered;
    run.operations->destroy(run.counters);
    return tally;
}
