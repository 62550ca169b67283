#include "subject.h"

#include <stdlib.h>

#include "visits.h"

void hs_subject_create(hs_subject *subject, size_t capacity) {
    atomic_store(&subject->clock, 0);
    if (subject->queue_operations != NULL) {
        subject->queue = subject->queue_operations->create(capacity);
        if (subject->queue == NULL) abort();
    } else {
        subject->deque = subject->deque_operations->create(capacity);
        if (subject->deque == NULL) abort();
    }
}

void hs_subject_destroy(hs_subject *subject) {
    if (subject->queue_operations != NULL) {
        subject->queue_operations->destroy(subject->queue, NULL);
    } else {
        subject->deque_operations->destroy(subject->deque, NULL);
    }
}

static hs_outcome perform_on_queue(hs_subject *subject, hs_operation operation, uintptr_t *value) {
    bool done = operation == HS_PUSH ? subject->queue_operations->push(subject->queue, *value)
                                     : subject->queue_operations->pop(subject->queue, value);
    return done ? HS_DONE : HS_REFUSED;
}

static hs_outcome perform_on_deque(hs_subject *subject, hs_operation operation, uintptr_t *value) {
    switch (operation) {
    case HS_PUSH: return subject->deque_operations->push(subject->deque, *value) ? HS_DONE : HS_REFUSED;
    case HS_POP: return subject->deque_operations->pop(subject->deque, value) ? HS_DONE : HS_REFUSED;
    case HS_STEAL: break;
    }
    switch (subject->deque_operations->steal(subject->deque, value)) {
    case HS_STEAL_SUCCESS: return HS_DONE;
    case HS_STEAL_RETRY: return HS_LOST;
    case HS_STEAL_EMPTY: break;
    }
    return HS_REFUSED;
}

hs_event hs_subject_perform(hs_subject *subject, hs_operation operation, uint64_t value) {
    uintptr_t moved = operation == HS_PUSH ? value : 0;
    hs_event event = {.operation = operation};
    hs_operation_begins();
    event.begins = atomic_fetch_add(&subject->clock, 1);
    event.outcome = subject->queue_operations != NULL ? perform_on_queue(subject, operation, &moved)
                                                      : perform_on_deque(subject, operation, &moved);
    event.ends = atomic_fetch_add(&subject->clock, 1);
    event.value = moved;
    return event;
}
