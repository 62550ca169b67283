#include "ledger.h"

#include <stdlib.h>

static size_t words_of(const hs_ledger *ledger) {
    return (size_t)((ledger->producers * ledger->values_each + 63) / 64);
}

hs_cargo hs_cargo_create(hs_load load, bool travels) {
    hs_cargo cargo = {.values_each = load.values_each};
    if (!travels) return cargo;
    cargo.items = calloc(load.producers * load.values_each + 1, sizeof(uintptr_t));
    if (cargo.items == NULL) abort();
    return cargo;
}

void hs_cargo_destroy(hs_cargo *cargo) { free(cargo->items); }

uintptr_t hs_cargo_pack(hs_cargo *cargo, unsigned producer, uint64_t number) {
    uintptr_t value = hs_value(producer, number);
    if (cargo->items != NULL) cargo->items[producer * cargo->values_each + number] = value;
    return value;
}

hs_ledger hs_ledger_create(hs_load load, const hs_cargo *cargo) {
    hs_ledger ledger = {.producers = load.producers, .values_each = load.values_each, .cargo = cargo};
    ledger.seen = calloc(words_of(&ledger) + 1, sizeof(uint64_t));
    ledger.next = calloc(load.producers + 1, sizeof(uint64_t));
    if (ledger.seen == NULL || ledger.next == NULL) abort();
    return ledger;
}

void hs_ledger_destroy(hs_ledger *ledger) {
    free(ledger->seen);
    free(ledger->next);
}

void hs_ledger_enter(hs_ledger *ledger, uintptr_t value, bool ordered) {
    uint64_t producer = (value >> 40) - 1, number = value & (((uint64_t)1 << 40) - 1);
    ledger->taken += 1;
    if (producer >= ledger->producers || number >= ledger->values_each) {
        ledger->invented += 1;
        return;
    }
    uint64_t bit = producer * ledger->values_each + number;
    if (ledger->cargo != NULL && ledger->cargo->items != NULL && ledger->cargo->items[bit] != value) {
        ledger->invented += 1;
    }
    uint64_t mask = (uint64_t)1 << (bit % 64);
    if (ledger->seen[bit / 64] & mask) ledger->repeated += 1;
    ledger->seen[bit / 64] |= mask;
    if (ordered && number < ledger->next[producer]) ledger->disordered += 1;
    ledger->next[producer] = number + 1;
}

hs_tally hs_ledgers_close(hs_ledger *ledgers, unsigned count) {
    hs_tally tally = {.moved = ledgers[0].producers * ledgers[0].values_each};
    uint64_t distinct = 0;
    for (size_t word = 0; word < words_of(&ledgers[0]); word++) {
        uint64_t all = 0;
        for (unsigned consumer = 0; consumer < count; consumer++) {
            uint64_t here = ledgers[consumer].seen[word];
            tally.repeated += (uint64_t)__builtin_popcountll(all & here);
            all |= here;
        }
        distinct += (uint64_t)__builtin_popcountll(all);
    }
    for (unsigned consumer = 0; consumer < count; consumer++) {
        tally.repeated += ledgers[consumer].repeated;
        tally.invented += ledgers[consumer].invented;
        tally.disordered += ledgers[consumer].disordered;
    }
    tally.missing = tally.moved - distinct;
    return tally;
}
