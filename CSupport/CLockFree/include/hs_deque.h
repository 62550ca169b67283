/// A work-stealing deque of fixed capacity: Chase and Lev, "Dynamic Circular Work-Stealing Deque", SPAA 2005,
/// with the orderings of Lê et al., "Correct and Efficient Work-Stealing for Weak Memory Models", PPoPP 2013,
/// its fences replaced by sequentially consistent accesses (cheaper on x86-64, and visible to ThreadSanitizer).
///
/// Order       One owner pushes and pops at the bottom, newest first. Thieves take from the top, oldest first.
/// Complexity  O(1). A push is loads and stores only; a pop is one exchange, and a compare-and-swap when it
///             takes the last value; a steal is one compare-and-swap. No allocation after `create`.
/// Progress    Push and pop are wait-free: no loop. Steal has no loop either: it tells a lost race apart from an
///             empty deque, and leaves it to the caller where to look next. A steal loses only to a steal or a
///             pop that succeeded, so the deque is lock-free.
/// Memory      Slots are atomics in one array; there is nothing to reclaim. A slot is reused only when `top` has
///             passed it, so a thief that read it too late fails its compare-and-swap on `top`.
///             `top` only grows, in 64 bits: it does not wrap in practice (580 years at 10^9 a second).
#ifndef HS_DEQUE_H
#define HS_DEQUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hs_deque hs_deque;

typedef enum {
    /// There was nothing to steal.
    HS_STEAL_EMPTY,
    /// There was something, and another thread was faster: there may be more.
    HS_STEAL_RETRY,
    HS_STEAL_SUCCESS,
} hs_steal_result;

/// The most values that a deque can be made for: 128 MiB of slots.
#define HS_DEQUE_CAPACITY_MAX ((size_t)1 << 24)

/// A deque for at most `capacity` values, 8 bytes each, taken from the heap at once.
/// NULL: `capacity` is not a power of two, or above `HS_DEQUE_CAPACITY_MAX`, or there is no memory.
hs_deque *hs_deque_create(size_t capacity);

/// Frees the deque, after `dispose` (unless NULL) was called once for each value left, oldest first.
/// No other thread may use the deque any more. NULL is allowed.
void hs_deque_destroy(hs_deque *deque, void (*dispose)(uintptr_t value));

/// Adds `value` at the bottom. False: full. Owner only.
///
/// What was written before the push is visible to the thread that pops or steals the value. Before a following
/// `hs_parking_sleepers` there must be a sequentially consistent fence (see hs_parking.h).
bool hs_deque_push(hs_deque *deque, uintptr_t value);

/// Takes the newest value. False: empty, `*value` untouched. Owner only.
bool hs_deque_pop(hs_deque *deque, uintptr_t *value);

/// Takes the oldest value. `*value` is written on success only. Any thread.
hs_steal_result hs_deque_steal(hs_deque *deque, uintptr_t *value);

/// How many values are in the deque: exact for the owner while nobody steals, a recent figure otherwise.
size_t hs_deque_count(const hs_deque *deque);

#endif
