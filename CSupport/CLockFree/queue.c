#include "hs_queue.h"

#include "internal.h"

/* The tests build this file with other figures too: to plant a bug (no tags), or to be where tags wrap around. */
#ifndef HS_QUEUE_TAG_STEP
#define HS_QUEUE_TAG_STEP 1u
#endif
#ifndef HS_QUEUE_FIRST_TAG
#define HS_QUEUE_FIRST_TAG 0u
#endif

/// A counted index: the node in the upper half, the tag in the lower.
/// In head and tail the tag is the node's position, the number of nodes that came before it since `create`.
typedef uint64_t counted;

/// The index that stands for "no node"; slot 0 of the array is never used.
#define NONE 0u

static inline uint32_t index_of(counted word) { return (uint32_t)(word >> 32); }
static inline uint32_t tag_of(counted word) { return (uint32_t)word; }
static inline counted pack(uint32_t index, uint32_t tag) { return (counted)index << 32 | tag; }

typedef struct {
    /// The successor, tagged with the position of *this* node, from which a reader tells whether the node is still
    /// the one it knows. {NONE, position} in the last node; left as it is while the node is free.
    /// A line for each node: neighbours are at work in different threads.
    _Alignas(HS_LINE / 2) _Atomic counted next;
    /// The value; in a free node the index of the next free one. Atomic, because a thread that is about to lose
    /// reads it while the node's next life has begun.
    _Atomic uintptr_t value;
} node;

/// A stack of free nodes. The tag of its top counts changes.
typedef struct {
    _Alignas(HS_LINE) _Atomic counted top;
} free_stack;

struct hs_queue {
    /// The node before the oldest value. Consumers write it.
    _Alignas(HS_LINE) _Atomic counted head;
    /// The last node, or for a moment the one before it. Producers write it.
    _Alignas(HS_LINE) _Atomic counted tail;
    /// Producers take from one stack and consumers return to the other, so that their lines don't travel between
    /// cores for each value. They change roles when the first is empty.
    free_stack free[2];
    /// Which stack to take from: a hint that is written once in a while. Both stacks are right for everything.
    _Alignas(HS_LINE) _Atomic uint32_t taking;
    size_t capacity;
    _Alignas(HS_LINE) node nodes[];
};

_Static_assert(sizeof(node) == 64, "hs_queue_create promises 64 bytes a value");
_Static_assert(offsetof(struct hs_queue, tail) == HS_LINE, "head has a line of its own");
_Static_assert(offsetof(struct hs_queue, free) == 2 * HS_LINE, "tail has a line of its own");
_Static_assert(sizeof(free_stack) == HS_LINE, "each stack has a line of its own");
_Static_assert(offsetof(struct hs_queue, nodes) == 5 * HS_LINE, "what is mostly read shares no line with nodes");
_Static_assert(HS_QUEUE_CAPACITY_MAX < UINT32_MAX / 2, "indices and counts fit into 32 bits");

hs_queue *hs_queue_create(size_t capacity) {
    if (capacity == 0 || capacity > HS_QUEUE_CAPACITY_MAX) return NULL;
    /* One more for slot 0, one for the node before the oldest value. */
    hs_queue *queue = hs_lines_allocate(sizeof(hs_queue) + (capacity + 2) * sizeof(node));
    if (queue == NULL) return NULL;
    queue->capacity = capacity;
    uint32_t first = 1, last = (uint32_t)capacity + 1;
    for (uint32_t index = first + 1; index <= last; index++) {
        atomic_init(&queue->nodes[index].value, index < last ? index + 1 : NONE);
    }
    atomic_init(&queue->nodes[first].next, pack(NONE, HS_QUEUE_FIRST_TAG));
    atomic_init(&queue->head, pack(first, HS_QUEUE_FIRST_TAG));
    atomic_init(&queue->tail, pack(first, HS_QUEUE_FIRST_TAG));
    atomic_init(&queue->free[0].top, pack(first + 1, HS_QUEUE_FIRST_TAG));
    atomic_init(&queue->free[1].top, pack(NONE, HS_QUEUE_FIRST_TAG));
    return queue;
}

void hs_queue_destroy(hs_queue *queue, void (*dispose)(uintptr_t value)) {
    if (queue == NULL) return;
    uintptr_t value;
    while (dispose != NULL && hs_queue_pop(queue, &value)) dispose(value);
    free(queue);
}

/// Takes the top of one stack into `*index`, and returns what is then its top. {NONE, …} and NONE: it was empty.
static counted take_from(free_stack *stack, const hs_queue *queue, uint32_t *index) {
    /* acquire: pairs with the release in return_node, so that the link read below is the one written there. Every
       change of the word is a read-modify-write, so the pairing holds across changes by others in between. */
    counted top = atomic_load_explicit(&stack->top, memory_order_acquire);
    while (index_of(top) != NONE) {
        /* relaxed: if another thread has taken the node, this may already be a value; then the tag has changed,
           and the swap fails. */
        uintptr_t below = atomic_load_explicit(&queue->nodes[index_of(top)].value, memory_order_relaxed);
        HS_POINT(HS_QUEUE_TAKES_NODE);
        counted lower = pack((uint32_t)below, tag_of(top) + HS_QUEUE_TAG_STEP);
        /* acquire on both ways out: as above. release: pairs with the acquire loads here, when take_node wants to
           know whether the other stack was empty at the same time. */
        if (atomic_compare_exchange_weak_explicit(
                &stack->top, &top, lower, memory_order_acq_rel, memory_order_acquire)) {
            *index = index_of(top);
            return lower;
        }
    }
    *index = NONE;
    return top;
}

/// Takes a free node, or NONE if at one moment there was none.
static uint32_t take_node(hs_queue *queue) {
    /* relaxed, here and below: a hint. */
    uint32_t side = atomic_load_explicit(&queue->taking, memory_order_relaxed) & 1;
    free_stack *stack = &queue->free[side];
    for (;;) {
        uint32_t index;
        counted empty = take_from(stack, queue, &index);
        if (index != NONE) return index;
        counted rest = take_from(&queue->free[1 - side], queue, &index);
        if (index != NONE) {
            /* Not for a single node: when the queue is full, that would move the hint with every value. */
            if (index_of(rest) != NONE) atomic_store_explicit(&queue->taking, 1 - side, memory_order_relaxed);
            return index;
        }
        /* Both empty, but not at one moment if the first was in use meanwhile: its tag tells. relaxed: whatever came
           before the change that emptied the second stack is visible since that was seen, with acquire. */
        if (atomic_load_explicit(&stack->top, memory_order_relaxed) == empty) return NONE;
    }
}

/// Gives a node back to which neither head nor tail points any more.
static void return_node(hs_queue *queue, uint32_t index) {
    /* relaxed: a hint. */
    uint32_t side = 1 - (atomic_load_explicit(&queue->taking, memory_order_relaxed) & 1);
    /* relaxed: only the number is used, no memory that it refers to. */
    counted top = atomic_load_explicit(&queue->free[side].top, memory_order_relaxed);
    counted raised;
    do {
        atomic_store_explicit(&queue->nodes[index].value, index_of(top), memory_order_relaxed);
        raised = pack(index, tag_of(top) + HS_QUEUE_TAG_STEP);
        /* release: pairs with the acquire in take_from. */
    } while (!atomic_compare_exchange_weak_explicit(
        &queue->free[side].top, &top, raised, memory_order_release, memory_order_relaxed));
}

/// Moves a tail that is still `tail` on to its successor. Failure is fine: somebody else did it.
static inline void advance_tail(hs_queue *queue, counted tail, uint32_t successor) {
    counted advanced = pack(successor, tag_of(tail) + HS_QUEUE_TAG_STEP);
    /* release: pairs with the acquire loads of tail in push and pop; the caller wrote the successor, or read it
       with acquire. */
    atomic_compare_exchange_strong_explicit(
        &queue->tail, &tail, advanced, memory_order_release, memory_order_relaxed);
}

bool hs_queue_push(hs_queue *queue, uintptr_t value) {
    uint32_t mine = take_node(queue);
    if (mine == NONE) return false;
    node *fresh = &queue->nodes[mine];
    /* relaxed, as the link below publishes it. */
    atomic_store_explicit(&fresh->value, value, memory_order_relaxed);
    for (;;) {
        /* acquire: pairs with the release in advance_tail, so that the last node's `next` is at least as new. */
        counted tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
        uint32_t position = tag_of(tail);
        /* relaxed, as the link below publishes it. */
        atomic_store_explicit(&fresh->next, pack(NONE, position + HS_QUEUE_TAG_STEP), memory_order_relaxed);
        counted next = pack(NONE, position);
        HS_POINT(HS_QUEUE_LINKS);
        /* No load and second look at the tail first, as in the paper: this position has had one node, and only
           while it was the last was its `next` {NONE, position}. So if the swap succeeds, it was still the last.
           SC, and so release: pairs with the SC load of `next` in pop, and orders the link before a following
           hs_parking_sleepers. Failure is acquire: pairs with the release of the link that was faster. */
        if (atomic_compare_exchange_strong_explicit(
                &queue->nodes[index_of(tail)].next, &next, pack(mine, position), memory_order_seq_cst,
                memory_order_acquire)) {
            HS_POINT(HS_QUEUE_LINKED);
            advance_tail(queue, tail, mine);
            return true;
        }
        /* Another value came first: help its producer. Another position: the tail read above is history. */
        if (tag_of(next) == position) advance_tail(queue, tail, index_of(next));
    }
}

/// Makes sure that the tail is not at `head` any more, so that the node there may retire.
static inline void leave_lagging_tail(hs_queue *queue, counted head, uint32_t successor) {
    /* Does the successor have a successor? A producer linked it there only after it had read the tail there. This
       line is read for its value anyway, while the tail's would have to come from the producers' cores.
       acquire: pairs with the link in push, and so with that producer's reading of the tail. */
    counted next = atomic_load_explicit(&queue->nodes[successor].next, memory_order_acquire);
    if (tag_of(next) == tag_of(head) + HS_QUEUE_TAG_STEP && index_of(next) != NONE) return;
    /* acquire: pairs with the release in advance_tail. Whoever set this head knew the tail to be as far, by one of
       the two loads here, and released that with the head: so the tail read now is not behind. */
    counted tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
#ifdef HS_QUEUE_PLANT_LAGGING_TAIL
    tail = 0;
#endif
    if (tail == head) advance_tail(queue, tail, successor);
}

bool hs_queue_pop(hs_queue *queue, uintptr_t *value) {
    for (;;) {
        /* SC, and so acquire: pairs with the release of the swap below. SC orders it after hs_parking_announce. */
        counted head = atomic_load_explicit(&queue->head, memory_order_seq_cst);
        /* SC, and so acquire: pairs with the link in push, to see the successor's value; and orders the verdict
           "empty" after hs_parking_announce. */
        counted next = atomic_load_explicit(&queue->nodes[index_of(head)].next, memory_order_seq_cst);
        /* The node lives at another position by now, so the head has moved on. */
        if (tag_of(next) != tag_of(head)) continue;
        if (index_of(next) == NONE) return false;
        leave_lagging_tail(queue, head, index_of(next));
        counted moved = pack(index_of(next), tag_of(head) + HS_QUEUE_TAG_STEP);
        /* Before the swap, because after it the node may retire. Relaxed: published by the link. Rubbish, if the
           node has retired already; then the head has moved, and the swap fails. */
        uintptr_t taken = atomic_load_explicit(&queue->nodes[index_of(next)].value, memory_order_relaxed);
        HS_POINT(HS_QUEUE_MOVES_HEAD);
        /* release: the read of the value comes before whatever a thread does that sees this head; it pairs with the
           acquire load of head, whose reader retires the node. */
        if (!atomic_compare_exchange_weak_explicit(
                &queue->head, &head, moved, memory_order_release, memory_order_relaxed)) {
            continue;
        }
#ifdef HS_QUEUE_PLANT_LATE_READ
        HS_POINT(HS_QUEUE_MOVED_HEAD);
        taken = atomic_load_explicit(&queue->nodes[index_of(next)].value, memory_order_relaxed);
#endif
        return_node(queue, index_of(head));
        *value = taken;
        return true;
    }
}

size_t hs_queue_count(const hs_queue *queue) {
    /* The head first: a tail read later is not behind it. acquire: pairs with the releases in pop and
       advance_tail. */
    counted head = atomic_load_explicit(&queue->head, memory_order_acquire);
    counted tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
    size_t count = (uint32_t)(tag_of(tail) - tag_of(head));
    return count < queue->capacity ? count : queue->capacity;
}

bool hs_queue_is_empty(const hs_queue *queue) {
    for (;;) {
        /* SC, both: as in pop, of which this is the first half. */
        counted head = atomic_load_explicit(&queue->head, memory_order_seq_cst);
        counted next = atomic_load_explicit(&queue->nodes[index_of(head)].next, memory_order_seq_cst);
        if (tag_of(next) == tag_of(head)) return index_of(next) == NONE;
    }
}

size_t hs_queue_capacity(const hs_queue *queue) { return queue->capacity; }
