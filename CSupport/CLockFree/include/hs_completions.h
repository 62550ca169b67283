/// The way back: many threads hand finished work to one consumer, which takes all of it at once.
///
/// Order       Oldest first: the order in which the pushes took effect, and so each thread's own order.
/// Complexity  A push is one compare-and-swap. A take is one exchange, and one step for each node to turn the
///             list around. Nodes belong to the caller; nothing is allocated after `create`.
/// Progress    Push is lock-free: it retries only after another push or take succeeded. Take is wait-free.
/// Memory      Nobody follows a pointer to a node that another thread may still take: a push only compares the
///             top, and a take owns the whole list. A top that went away and came back (ABA) is harmless, as the
///             new node then points to what is the top again. So a node may be reused as soon as it was taken.
#ifndef HS_COMPLETIONS_H
#define HS_COMPLETIONS_H

#include <stdbool.h>

/// Put this inside whatever is handed over. It belongs to the list from its push until its take.
typedef struct hs_completion {
    /// The next younger node of a batch that was taken; NULL in the youngest.
    struct hs_completion *next;
} hs_completion;

typedef struct hs_completions hs_completions;

/// NULL: no memory.
hs_completions *hs_completions_create(void);

/// The list must be empty, and no other thread may use it any more. NULL is allowed.
void hs_completions_destroy(hs_completions *completions);

/// Adds `node`. Any thread. What was written before is visible to the consumer.
///
/// True: the list was empty, so this caller, and nobody else, must wake the consumer. One true comes for each
/// batch taken, so a consumer that takes once after each wake-up misses nothing.
bool hs_completions_push(hs_completions *completions, hs_completion *node);

/// Takes everything, oldest first; NULL: nothing there. One consumer thread.
hs_completion *hs_completions_take(hs_completions *completions);

#endif
