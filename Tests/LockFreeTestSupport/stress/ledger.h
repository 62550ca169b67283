/// The values that one consumer received, and the sum over all consumers.
#ifndef HS_LEDGER_H
#define HS_LEDGER_H

#include "hs_proof.h"

/// The cargo of the values: plain memory, which a producer writes before its push and a consumer reads after its
/// pop. If the structure did not order the two, ThreadSanitizer would report it, and a weakly ordered machine would
/// show it.
typedef struct {
    uint64_t values_each;
    /// NULL: no cargo. A planted bug passes values on without order, and ThreadSanitizer would report only that.
    uintptr_t *items;
} hs_cargo;

hs_cargo hs_cargo_create(hs_load load, bool travels);
void hs_cargo_destroy(hs_cargo *cargo);

/// Returns the value for a producer's number, never 0, after storing its cargo.
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
    /// One bit for each value that this consumer received, so that consumers share nothing while they run.
    uint64_t *seen;
    /// The number after that of the youngest value of each producer.
    uint64_t *next;
    uint64_t taken, repeated, invented, disordered;
} hs_ledger;

hs_ledger hs_ledger_create(hs_load load, const hs_cargo *cargo);
void hs_ledger_destroy(hs_ledger *ledger);

/// Records a value, and checks its cargo. `ordered`: each producer's values must come with rising numbers.
void hs_ledger_enter(hs_ledger *ledger, uintptr_t value, bool ordered);

/// Sums up the ledgers of all consumers: finds missing values, and those that two of them received.
hs_tally hs_ledgers_close(hs_ledger *ledgers, unsigned count);

#endif
