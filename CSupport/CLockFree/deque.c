#include "hs_deque.h"

#include "internal.h"

/* The tests weaken this to see that they notice. */
#ifndef HS_DEQUE_CLAIM_ORDER
#define HS_DEQUE_CLAIM_ORDER memory_order_seq_cst
#endif

struct hs_deque {
    /// The oldest value's number. Thieves raise it; so does the owner, when it takes the last value.
    _Alignas(HS_LINE) _Atomic int64_t top;
    /// The number that the next pushed value gets. Only the owner writes it.
    _Alignas(HS_LINE) _Atomic int64_t bottom;
    /// A `top` that the owner once read: the real one is not smaller. Saves a push from reading the thieves' line.
    int64_t known_top;
    _Alignas(HS_LINE) int64_t capacity;
    _Alignas(HS_LINE) _Atomic uintptr_t slots[];
};

_Static_assert(offsetof(struct hs_deque, bottom) == HS_LINE, "the thieves' line is their own");
_Static_assert(offsetof(struct hs_deque, capacity) == 2 * HS_LINE, "the owner's line is its own");
_Static_assert(offsetof(struct hs_deque, slots) == 3 * HS_LINE, "what is only read shares no line with slots");

hs_deque *hs_deque_create(size_t capacity) {
    if (capacity == 0 || capacity > HS_DEQUE_CAPACITY_MAX || (capacity & (capacity - 1)) != 0) return NULL;
    hs_deque *deque = hs_lines_allocate(sizeof(hs_deque) + capacity * sizeof(uintptr_t));
    if (deque == NULL) return NULL;
    atomic_init(&deque->top, 0);
    atomic_init(&deque->bottom, 0);
    deque->capacity = (int64_t)capacity;
    return deque;
}

void hs_deque_destroy(hs_deque *deque, void (*dispose)(uintptr_t value)) {
    if (deque == NULL) return;
    uintptr_t value;
    while (dispose != NULL && hs_deque_steal(deque, &value) == HS_STEAL_SUCCESS) dispose(value);
    free(deque);
}

static inline _Atomic uintptr_t *slot_of(hs_deque *deque, int64_t number) {
    return &deque->slots[number & (deque->capacity - 1)];
}

bool hs_deque_push(hs_deque *deque, uintptr_t value) {
    /* relaxed: the owner's own word. */
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    if (bottom - deque->known_top >= deque->capacity) {
        /* acquire: pairs with the swap in steal, so that the thief's read of the slot comes before the reuse. */
        deque->known_top = atomic_load_explicit(&deque->top, memory_order_acquire);
        if (bottom - deque->known_top >= deque->capacity) return false;
    }
    atomic_store_explicit(slot_of(deque, bottom), value, memory_order_relaxed);
    /* release: pairs with the load of bottom in steal; publishes the slot. */
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return true;
}

bool hs_deque_pop(hs_deque *deque, uintptr_t *value) {
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    /* relaxed: `top` never passes `bottom`, so if any value of it says empty, it is empty. Saves the exchange. */
    if (atomic_load_explicit(&deque->top, memory_order_relaxed) >= bottom) return false;
    bottom -= 1;
    /* SC store, then SC load; steal loads the two in the other order, SC too. In the one order of all four, either
       this load sees the thief's swap on top, or the thief's load of bottom sees that the slot is claimed.
       Also release, like every store to bottom: a thief that reads this number must see the slots below it. */
    atomic_store_explicit(&deque->bottom, bottom, HS_DEQUE_CLAIM_ORDER);
    HS_POINT(HS_DEQUE_CLAIMED);
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    if (top < bottom) {
        /* At least one other value is left, so no thief gets as far as this slot. relaxed: written by the owner. */
        *value = atomic_load_explicit(slot_of(deque, bottom), memory_order_relaxed);
        return true;
    }
    bool taken = false;
    if (top == bottom) {
        uintptr_t last = atomic_load_explicit(slot_of(deque, bottom), memory_order_relaxed);
        HS_POINT(HS_DEQUE_TAKES_LAST);
        /* The last value: the race with the thieves is decided on top. SC: in one order with the accesses above and
           those in steal. Failure is relaxed: a thief has it, and nothing of that value is touched. */
        taken = atomic_compare_exchange_strong_explicit(
            &deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed);
#ifdef HS_DEQUE_PLANT_IGNORED_LOSS
        taken = true;
#endif
        if (taken) *value = last;
    }
    /* Empty now, either way. release: as above. */
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return taken;
}

hs_steal_result hs_deque_steal(hs_deque *deque, uintptr_t *value) {
    /* SC: see pop; and orders the verdict "empty" after hs_parking_announce. */
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    /* SC, and so acquire: pairs with the release in push, to see the slot. */
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
    if (top >= bottom) return HS_STEAL_EMPTY;
    /* Before the swap, because after it the owner may reuse the slot. relaxed: published by bottom. Rubbish, if
       others have passed; then the swap fails. */
    uintptr_t oldest = atomic_load_explicit(slot_of(deque, top), memory_order_relaxed);
    HS_POINT(HS_DEQUE_STEALS);
    /* SC: see pop. Its release pairs with the acquire of top in push, so that the slot is not reused before it was
       read. Strong: a lost race must be one. */
    bool won = atomic_compare_exchange_strong_explicit(
        &deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed);
#ifdef HS_DEQUE_PLANT_IGNORED_RACE
    won = true;
#endif
    if (!won) return HS_STEAL_RETRY;
    *value = oldest;
    return HS_STEAL_SUCCESS;
}

size_t hs_deque_count(const hs_deque *deque) {
    /* relaxed: a figure for statistics, about nothing else in memory. */
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    int64_t top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    return bottom > top ? (size_t)(bottom - top) : 0;
}
