/// One consumer's account of what came out, and the sum over all consumers.
#ifndef HS_LEDGER_H
#define HS_LEDGER_H

#include "hs_proof.h"

/// The cargo of the values: plain memory, which a producer writes before its push and a consumer reads after its
/// pop. If the structure did not order the two, ThreadSanitizer would say so, and a weak machine would show it.
typedef struct {
    uint64_t values_each;
    /// NULL: no cargo. A planted bug passes values on without order, and ThreadSanitizer would report only that.
    uintptr_t *items;
} hs_cargo;

hs_cargo hs_cargo_create(hs_load load, bool travels);
void hs_cargo_destroy(hs_cargo *cargo);

/// The value that stands for a producer's number, never 0, once its cargo is in place.
uintptr_t hs_cargo_pack(hs_cargo *cargo, unsigned producer, uint64_t number);

/// The value alone.
static inline uintptr_t hs_value(unsigned producer, uint64_t number) {
    return (uintptr_t)(producer + 1) << 40 | (uintptr_t)number;
}

typedef struct {
    unsigned producers;
    uint64_t values_each;
    /// NULL: none.
    const hs_cargo *cargo;
    /// One bit for each value that came out here, so that consumers need nothing in common while they run.
    uint64_t *seen;
    /// The number after that of the youngest value of each producer.
    uint64_t *next;
    uint64_t taken, repeated, invented, disordered;
} hs_ledger;

hs_ledger hs_ledger_create(hs_load load, const hs_cargo *cargo);
void hs_ledger_destroy(hs_ledger *ledger);

/// Enters a value, and looks at its cargo. `ordered`: each producer's values must come with rising numbers.
void hs_ledger_enter(hs_ledger *ledger, uintptr_t value, bool ordered);

/// Adds the ledgers of all consumers up: what is missing, and what came out at two of them.
hs_tally hs_ledgers_close(hs_ledger *ledgers, unsigned count);

#endif
