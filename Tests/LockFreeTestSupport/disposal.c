#include "operations.h"
#include "subject.h"

static _Thread_local uint64_t *disposed;
static _Thread_local size_t disposed_count;

static void dispose(uintptr_t value) { disposed[disposed_count++] = value; }

/// Pushes and pops in turn at first, so that the remaining values wrap around the end of the array, or are in nodes
/// that were used before.
static void fill(hs_subject *subject, size_t capacity, unsigned pushed, unsigned popped) {
    hs_subject_create(subject, capacity);
    unsigned ahead = pushed < capacity ? pushed : (unsigned)capacity;
    unsigned taken = 0;
    for (unsigned number = 1; number <= pushed; number++) {
        hs_operation take = subject->queue != NULL ? HS_POP : HS_STEAL;
        if (number > ahead && taken < popped) {
            hs_subject_perform(subject, take, 0);
            taken += 1;
        }
        hs_subject_perform(subject, HS_PUSH, number);
    }
    for (; taken < popped; taken++) hs_subject_perform(subject, subject->queue != NULL ? HS_POP : HS_STEAL, 0);
}

size_t hs_queue_disposal(size_t capacity, unsigned pushed, unsigned popped, uint64_t *values) {
    hs_subject subject = {.queue_operations = hs_queue_operations_of(HS_QUEUE_PRODUCT)};
    fill(&subject, capacity, pushed, popped);
    disposed = values;
    disposed_count = 0;
    subject.queue_operations->destroy(subject.queue, dispose);
    return disposed_count;
}

size_t hs_deque_disposal(size_t capacity, unsigned pushed, unsigned popped, uint64_t *values) {
    hs_subject subject = {.deque_operations = hs_deque_operations_of(HS_DEQUE_PRODUCT)};
    fill(&subject, capacity, pushed, popped);
    disposed = values;
    disposed_count = 0;
    subject.deque_operations->destroy(subject.deque, dispose);
    return disposed_count;
}
