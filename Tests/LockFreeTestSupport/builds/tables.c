#include "../operations.h"

static const hs_queue_operations hs_queue_product_operations = {
    .create = hs_queue_create,
    .destroy = hs_queue_destroy,
    .push = hs_queue_push,
    .pop = hs_queue_pop,
};
extern const hs_queue_operations
    hs_queue_steered_operations,
    hs_queue_wrapping_operations,
    hs_queue_untagged_operations,
    hs_queue_late_read_operations,
    hs_queue_lagging_tail_operations;

const hs_queue_operations *hs_queue_operations_of(hs_queue_build build) {
    switch (build) {
    case HS_QUEUE_PRODUCT: return &hs_queue_product_operations;
    case HS_QUEUE_STEERED: return &hs_queue_steered_operations;
    case HS_QUEUE_WRAPPING: return &hs_queue_wrapping_operations;
    case HS_QUEUE_UNTAGGED: return &hs_queue_untagged_operations;
    case HS_QUEUE_LATE_READ: return &hs_queue_late_read_operations;
    case HS_QUEUE_LAGGING_TAIL: return &hs_queue_lagging_tail_operations;
    }
    __builtin_trap();
}

static const hs_deque_operations hs_deque_product_operations = {
    .create = hs_deque_create,
    .destroy = hs_deque_destroy,
    .push = hs_deque_push,
    .pop = hs_deque_pop,
    .steal = hs_deque_steal,
};
extern const hs_deque_operations
    hs_deque_steered_operations,
    hs_deque_ignored_race_operations,
    hs_deque_ignored_loss_operations,
    hs_deque_weak_claim_operations;

const hs_deque_operations *hs_deque_operations_of(hs_deque_build build) {
    switch (build) {
    case HS_DEQUE_PRODUCT: return &hs_deque_product_operations;
    case HS_DEQUE_STEERED: return &hs_deque_steered_operations;
    case HS_DEQUE_IGNORED_RACE: return &hs_deque_ignored_race_operations;
    case HS_DEQUE_IGNORED_LOSS: return &hs_deque_ignored_loss_operations;
    case HS_DEQUE_WEAK_CLAIM: return &hs_deque_weak_claim_operations;
    }
    __builtin_trap();
}

static const hs_completions_operations hs_completions_product_operations = {
    .create = hs_completions_create,
    .destroy = hs_completions_destroy,
    .push = hs_completions_push,
    .take = hs_completions_take,
};
extern const hs_completions_operations
    hs_completions_steered_operations,
    hs_completions_lossy_operations;

const hs_completions_operations *hs_completions_operations_of(hs_completions_build build) {
    switch (build) {
    case HS_COMPLETIONS_PRODUCT: return &hs_completions_product_operations;
    case HS_COMPLETIONS_STEERED: return &hs_completions_steered_operations;
    case HS_COMPLETIONS_LOSSY: return &hs_completions_lossy_operations;
    }
    __builtin_trap();
}

static const hs_counters_operations hs_counters_product_operations = {
    .create = hs_counters_create,
    .destroy = hs_counters_destroy,
    .row_of = hs_counters_row_of,
    .add = hs_counters_add,
    .store = hs_counters_store,
    .load = hs_counters_load,
    .sum = hs_counters_sum,
};
extern const hs_counters_operations
    hs_counters_steered_operations,
    hs_counters_shared_row_operations;

const hs_counters_operations *hs_counters_operations_of(hs_counters_build build) {
    switch (build) {
    case HS_COUNTERS_PRODUCT: return &hs_counters_product_operations;
    case HS_COUNTERS_STEERED: return &hs_counters_steered_operations;
    case HS_COUNTERS_SHARED_ROW: return &hs_counters_shared_row_operations;
    }
    __builtin_trap();
}

static const hs_parking_operations hs_parking_product_operations = {
    .create = hs_parking_create,
    .destroy = hs_parking_destroy,
    .announce = hs_parking_announce,
    .cancel = hs_parking_cancel,
    .wait = hs_parking_wait,
    .wake_one = hs_parking_wake_one,
    .wake_all = hs_parking_wake_all,
    .sleepers = hs_parking_sleepers,
};
extern const hs_parking_operations
    hs_parking_steered_operations,
    hs_parking_blind_sleep_operations,
    hs_parking_late_announcement_operations;

const hs_parking_operations *hs_parking_operations_of(hs_parking_build build) {
    switch (build) {
    case HS_PARKING_PRODUCT: return &hs_parking_product_operations;
    case HS_PARKING_STEERED: return &hs_parking_steered_operations;
    case HS_PARKING_BLIND_SLEEP: return &hs_parking_blind_sleep_operations;
    case HS_PARKING_LATE_ANNOUNCEMENT: return &hs_parking_late_announcement_operations;
    }
    __builtin_trap();
}
