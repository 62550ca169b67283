/// The structures as tables of functions, so that one harness drives the product's build and every planted one.
#ifndef HS_OPERATIONS_H
#define HS_OPERATIONS_H

#include <hs_completions.h>
#include <hs_counters.h>
#include <hs_deque.h>
#include <hs_parking.h>
#include <hs_queue.h>

#include "hs_proof.h"

typedef struct {
    hs_queue *(*create)(size_t capacity);
    void (*destroy)(hs_queue *, void (*dispose)(uintptr_t));
    bool (*push)(hs_queue *, uintptr_t);
    bool (*pop)(hs_queue *, uintptr_t *);
} hs_queue_operations;

typedef struct {
    hs_deque *(*create)(size_t capacity);
    void (*destroy)(hs_deque *, void (*dispose)(uintptr_t));
    bool (*push)(hs_deque *, uintptr_t);
    bool (*pop)(hs_deque *, uintptr_t *);
    hs_steal_result (*steal)(hs_deque *, uintptr_t *);
} hs_deque_operations;

typedef struct {
    hs_completions *(*create)(void);
    void (*destroy)(hs_completions *);
    bool (*push)(hs_completions *, hs_completion *);
    hs_completion *(*take)(hs_completions *);
} hs_completions_operations;

typedef struct {
    hs_counters *(*create)(size_t writers, size_t kinds);
    void (*destroy)(hs_counters *);
    hs_counters_row *(*row_of)(hs_counters *, size_t writer);
    void (*add)(hs_counters_row *, size_t kind, uint64_t amount);
    void (*store)(hs_counters_row *, size_t kind, uint64_t value);
    uint64_t (*load)(const hs_counters_row *, size_t kind);
    uint64_t (*sum)(const hs_counters *, size_t kind);
} hs_counters_operations;

typedef struct {
    hs_parking *(*create)(void);
    void (*destroy)(hs_parking *);
    void (*announce)(hs_parking *);
    bool (*cancel)(hs_parking *);
    bool (*wait)(hs_parking *, int64_t timeout_nanoseconds);
    bool (*wake_one)(hs_parking *);
    size_t (*wake_all)(hs_parking *);
    size_t (*sleepers)(const hs_parking *);
} hs_parking_operations;

const hs_queue_operations *hs_queue_operations_of(hs_queue_build build);
const hs_deque_operations *hs_deque_operations_of(hs_deque_build build);
const hs_completions_operations *hs_completions_operations_of(hs_completions_build build);
const hs_counters_operations *hs_counters_operations_of(hs_counters_build build);
const hs_parking_operations *hs_parking_operations_of(hs_parking_build build);

#endif
