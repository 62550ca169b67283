#include "hs_completions.h"

#include "internal.h"

struct hs_completions {
    /// The youngest node; each points to the next older one.
    _Alignas(HS_LINE) _Atomic(hs_completion *) youngest;
};

_Static_assert(sizeof(struct hs_completions) == HS_LINE, "a line of its own");

hs_completions *hs_completions_create(void) {
    hs_completions *completions = hs_lines_allocate(sizeof(hs_completions));
    if (completions != NULL) atomic_init(&completions->youngest, NULL);
    return completions;
}

void hs_completions_destroy(hs_completions *completions) { free(completions); }

bool hs_completions_push(hs_completions *completions, hs_completion *node) {
    /* relaxed: the pointer is compared and stored, never followed here. */
    hs_completion *older = atomic_load_explicit(&completions->youngest, memory_order_relaxed);
    do {
        node->next = older;
        HS_POINT(HS_COMPLETIONS_PUSHES);
#ifdef HS_COMPLETIONS_PLANT_LOSS
        older = atomic_load_explicit(&completions->youngest, memory_order_relaxed);
#endif
        /* release: pairs with the acquire in take. All changes are read-modify-writes, so the exchange there pairs
           with every push since the last take, not only with the youngest. */
    } while (!atomic_compare_exchange_weak_explicit(
        &completions->youngest, &older, node, memory_order_release, memory_order_relaxed));
    return older == NULL;
}

hs_completion *hs_completions_take(hs_completions *completions) {
    /* relaxed: saves the exchange when there is nothing. A push that this misses returned true, or follows one
       that did, so a wake-up is on its way. */
    if (atomic_load_explicit(&completions->youngest, memory_order_relaxed) == NULL) return NULL;
    /* acquire: pairs with the release of each push. */
    hs_completion *youngest = atomic_exchange_explicit(&completions->youngest, NULL, memory_order_acquire);
    hs_completion *oldest = NULL;
    while (youngest != NULL) {
        hs_completion *older = youngest->next;
        youngest->next = oldest;
        oldest = youngest;
        youngest = older;
    }
    return oldest;
}
