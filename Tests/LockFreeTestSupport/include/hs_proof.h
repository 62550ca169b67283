/// The harness that proves the lock-free structures: it runs them on many threads, or along a chosen interleaving,
/// and reports the results, which the tests judge.
///
/// Each function also takes the structures' sources in other builds: *steered*, where the harness can stop or slow
/// a thread between any two steps; and with a planted bug, to show that the harness detects it.
#ifndef HS_PROOF_H
#define HS_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Builds

typedef enum {
    /// The build that the product links.
    HS_QUEUE_PRODUCT,
    HS_QUEUE_STEERED,
    /// Steered, and 8 changes before each tag wraps around.
    HS_QUEUE_WRAPPING,
    /// Bug: tags stay 0, so a word that came back to an old index looks untouched (ABA).
    HS_QUEUE_UNTAGGED,
    /// Bug: a pop reads the value after it won the head, when the node may be in use again.
    HS_QUEUE_LATE_READ,
    /// Bug: a pop retires a node to which the lagging tail still points.
    HS_QUEUE_LAGGING_TAIL,
} hs_queue_build;

typedef enum {
    HS_DEQUE_PRODUCT,
    HS_DEQUE_STEERED,
    /// Bug: a steal keeps the value though another thread was faster.
    HS_DEQUE_IGNORED_RACE,
    /// Bug: the owner keeps the last value though a thief was faster.
    HS_DEQUE_IGNORED_LOSS,
    /// Bug: the owner's claim may be seen after its look at the top.
    HS_DEQUE_WEAK_CLAIM,
} hs_deque_build;

typedef enum {
    HS_COMPLETIONS_PRODUCT,
    HS_COMPLETIONS_STEERED,
    /// Bug: a push does not point to a node that was pushed meanwhile.
    HS_COMPLETIONS_LOSSY,
} hs_completions_build;

typedef enum {
    HS_COUNTERS_PRODUCT,
    HS_COUNTERS_STEERED,
    /// Bug: all writers share one row.
    HS_COUNTERS_SHARED_ROW,
} hs_counters_build;

typedef enum {
    HS_PARKING_PRODUCT,
    HS_PARKING_STEERED,
    /// Bug: sleeps without asking the kernel to check that no wake-up came meanwhile.
    HS_PARKING_BLIND_SLEEP,
    /// Bug: announces itself only when it goes to sleep, after the second look.
    HS_PARKING_LATE_ANNOUNCEMENT,
} hs_parking_build;

// MARK: Stress

/// The fate of the values. Sound: everything 0 or false but `moved` and `nanoseconds`.
typedef struct {
    /// Values that went in.
    uint64_t moved;
    /// That never came out; that came out more than once; that came out and never went in.
    uint64_t missing, repeated, invented;
    /// That came out after a younger one of the same producer, at the same consumer.
    uint64_t disordered;
    /// Pushes that claimed, wrongly or not at all, that the list was empty (completions); wake-ups that no thread
    /// used, or that several did (parking).
    uint64_t miscounted;
    /// Threads that slept although there was work, until their patience ended (parking).
    uint64_t forgotten;
    /// An operation looped without end, or no value moved any more.
    bool stuck;
    uint64_t nanoseconds;
} hs_tally;

typedef struct {
    unsigned producers, consumers;
    uint64_t values_each;
    size_t capacity;
    /// In steered builds: threads yield the processor at one point in this many; 0: never.
    uint32_t yields_one_in;
} hs_load;

hs_tally hs_queue_stress(hs_queue_build build, hs_load load);

/// One producer, the owner, which also pops; the consumers are thieves.
hs_tally hs_deque_stress(hs_deque_build build, hs_load load);

/// One consumer; capacity does not matter.
hs_tally hs_completions_stress(hs_completions_build build, hs_load load);

/// Each producer is a writer that adds 1 at a time and stores a total; the consumers read sums and rows. Missing:
/// counts lost. Disordered: values that decreased.
hs_tally hs_counters_stress(hs_counters_build build, hs_load load);

/// Producers push into a queue and wake; consumers sleep when it is empty, by the protocol of hs_parking.h.
/// A consumer that slept `patience_nanoseconds` while there was work is forgotten.
hs_tally hs_parking_stress(hs_parking_build build, hs_load load, int64_t patience_nanoseconds);

/// Whether this build, on this processor, lets a load overtake an earlier store as HS_DEQUE_WEAK_CLAIM allows it to:
/// x86-64 does. On arm64 a load-acquire waits for an earlier store-release, and ThreadSanitizer's own work between
/// the two takes longer than the store.
bool hs_loads_overtake_stores(void);

// MARK: Histories

typedef enum { HS_PUSH, HS_POP, HS_STEAL } hs_operation;

typedef enum {
    /// Push: full. Pop and steal: empty.
    HS_REFUSED,
    HS_DONE,
    /// Steal: lost the race.
    HS_LOST,
} hs_outcome;

typedef struct {
    hs_operation operation;
    hs_outcome outcome;
    uint64_t value;
    /// Between these two ticks of one clock, shared by all threads, the operation took effect.
    uint32_t begins, ends;
} hs_event;

typedef struct {
    unsigned threads, operations_each, rounds;
    size_t capacity;
    uint32_t yields_one_in;
    uint64_t seed;
} hs_shape;

/// Runs `rounds` short histories of random operations, each on a new structure, and writes
/// `rounds * threads * operations_each` events, a round after the other.
void hs_queue_histories(hs_queue_build build, hs_shape shape, hs_event *events);

/// Thread 0 owns the deque, the others steal.
void hs_deque_histories(hs_deque_build build, hs_shape shape, hs_event *events);

// MARK: Scenarios
//
// Not for product builds, which have no points to stop at.

/// A point between two steps in the sources.
typedef enum {
    HS_QUEUE_TAKES_NODE,
    HS_QUEUE_LINKS,
    HS_QUEUE_LINKED,
    HS_QUEUE_MOVES_HEAD,
    HS_QUEUE_MOVED_HEAD,
    HS_DEQUE_CLAIMED,
    HS_DEQUE_TAKES_LAST,
    HS_DEQUE_STEALS,
    HS_COMPLETIONS_PUSHES,
    HS_COUNTERS_ADDS,
    HS_PARKING_SLEEPS,
    HS_PARKING_WAKES,
} hs_point;

/// One thread begins `stopped` and is stopped at `point`; another carries out `moves` meanwhile; the first one
/// continues; the remaining values are popped.
typedef struct {
    size_t capacity;
    /// Values pushed, and then pops, before everything else.
    unsigned pushes_before, pops_before;
    hs_operation stopped;
    hs_point point;
    /// Two bits each, lowest first: hs_operation.
    uint32_t moves;
    unsigned move_count;
} hs_scenario;

typedef struct {
    size_t event_count;
    /// Whether the first thread reached the point.
    bool reached;
    /// Whether the other thread completed all moves while the first one was stopped.
    bool others_completed;
    bool stuck;
} hs_scenario_result;

/// The most events that a scenario writes.
#define HS_SCENARIO_EVENTS_MAX 64

hs_scenario_result hs_queue_run_scenario(hs_queue_build build, hs_scenario scenario, hs_event *events);
hs_scenario_result hs_deque_run_scenario(hs_deque_build build, hs_scenario scenario, hs_event *events);

/// A thief that saw the last value overtakes the owner that has claimed it: how many of the two get it.
unsigned hs_deque_overtaken_owner(hs_deque_build build);

/// A push stops before its node becomes visible, and another one passes: how many of the two nodes come out.
unsigned hs_completions_overtaken_push(hs_completions_build build);

/// A writer stops between reading and writing its count, and another writer counts: the sum afterwards.
uint64_t hs_counters_overtaken_add(hs_counters_build build);

/// A wake-up comes between the announcement and the sleep (at `HS_PARKING_SLEEPS` with `stop`, before `wait` is
/// called without). True: the sleeper woke up within `patience_nanoseconds`. It is released in any case.
bool hs_parking_wakeup_before_sleep(hs_parking_build build, bool stop, int64_t patience_nanoseconds);

// MARK: Disposal

/// Destroys a structure in which `pushed` values were pushed and `popped` popped, by turns crossing its end, and
/// writes what `dispose` was called with, in order, into `disposed` (room for `pushed`). Returns the number of calls.
size_t hs_queue_disposal(size_t capacity, unsigned pushed, unsigned popped, uint64_t *disposed);
size_t hs_deque_disposal(size_t capacity, unsigned pushed, unsigned popped, uint64_t *disposed);

#endif
