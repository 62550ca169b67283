/// A queue or a deque under observation: each operation on it is recorded as an event.
#ifndef HS_SUBJECT_H
#define HS_SUBJECT_H

#include <stdatomic.h>

#include "operations.h"

typedef struct {
    /// Either these two, or the two below.
    const hs_queue_operations *queue_operations;
    hs_queue *queue;
    const hs_deque_operations *deque_operations;
    hs_deque *deque;
    _Atomic uint32_t clock;
} hs_subject;

/// A new structure of the same build. The clock starts again.
void hs_subject_create(hs_subject *subject, size_t capacity);
void hs_subject_destroy(hs_subject *subject);

/// Carries out one operation. `value` is what a push pushes.
hs_event hs_subject_perform(hs_subject *subject, hs_operation operation, uint64_t value);

#endif
