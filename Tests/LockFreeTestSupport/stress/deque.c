#include <stdlib.h>

#include "../crew.h"
#include "ledger.h"
#include "../operations.h"

typedef struct {
    const hs_deque_operations *operations;
    hs_deque *deque;
    hs_load load;
    hs_crew crew;
    /// The owner's is the first.
    hs_ledger *ledgers;
    hs_cargo cargo;
    _Atomic bool ended;
} run;

/// Pops up to `most` values.
static void pop(run *run, uint64_t most) {
    uintptr_t value;
    for (uint64_t count = 0; count < most && run->operations->pop(run->deque, &value); count++) {
        hs_ledger_enter(&run->ledgers[0], value, false);
    }
}

/// Pushes a few and pops a few, so that the deque is often nearly empty, where the races are.
static void own(run *run) {
    uint64_t number = 0;
    while (number < run->load.values_each) {
        hs_operation_begins();
        for (uint64_t burst = hs_random() % 8; burst > 0 && number < run->load.values_each; burst--) {
            if (!run->operations->push(run->deque, hs_cargo_pack(&run->cargo, 0, number))) break;
            number += 1;
        }
        pop(run, hs_random() % 8);
    }
    pop(run, UINT64_MAX);
}

static void steal(run *run, hs_ledger *ledger) {
    unsigned attempts = 0;
    uint64_t since = 0;
    while (ledger->taken <= run->load.values_each) {
        bool ended = atomic_load(&run->ended);
        uintptr_t value;
        hs_operation_begins();
        switch (run->operations->steal(run->deque, &value)) {
        case HS_STEAL_SUCCESS:
            hs_ledger_enter(ledger, value, true);
            attempts = 0;
            since = 0;
            break;
        case HS_STEAL_RETRY:
            break;
        case HS_STEAL_EMPTY:
            if (ended || !hs_crew_waits(&run->crew, &attempts, &since)) return;
        }
    }
}

static void work(void *context, unsigned member) {
    run *run = context;
    if (member > 0) {
        steal(run, &run->ledgers[member]);
        return;
    }
    own(run);
    atomic_store(&run->ended, true);
}

hs_tally hs_deque_stress(hs_deque_build build, hs_load load) {
    load.producers = 1;
    run run = {.operations = hs_deque_operations_of(build), .load = load};
    run.deque = run.operations->create(load.capacity);
    run.cargo = hs_cargo_create(load, build == HS_DEQUE_PRODUCT || build == HS_DEQUE_STEERED);
    run.ledgers = calloc(load.consumers + 1, sizeof(hs_ledger));
    if (run.deque == NULL || run.ledgers == NULL) abort();
    for (unsigned number = 0; number <= load.consumers; number++) {
        run.ledgers[number] = hs_ledger_create(load, &run.cargo);
    }
    run.crew.size = load.consumers + 1;
    run.crew.yields_one_in = load.yields_one_in;
    run.crew.work = work;
    run.crew.context = &run;
    uint64_t nanoseconds = hs_crew_run(&run.crew);
    hs_tally tally = hs_ledgers_close(run.ledgers, load.consumers + 1);
    tally.nanoseconds = nanoseconds;
    tally.stuck = run.crew.stuck;
    for (unsigned number = 0; number <= load.consumers; number++) hs_ledger_destroy(&run.ledgers[number]);
    free(run.ledgers);
    hs_cargo_destroy(&run.cargo);
    run.operations->destroy(run.deque, NULL);
    return tally;
}

bool hs_loads_overtake_stores(void) {
#if !defined(__x86_64__) || __has_feature(thread_sanitizer)
    return false;
#else
    return true;
#endif
}
