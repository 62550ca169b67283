#define _GNU_SOURCE
#include "hs_uring.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void hs_uring_close_unsubmitted(struct io_uring *ring) {
    unsigned count = io_uring_sq_ready(ring);
    for (unsigned i = ring->sq.sqe_tail - count; i != ring->sq.sqe_tail; i++) {
        const struct io_uring_sqe *entry = &ring->sq.sqes[i & *ring->sq.kring_mask];
        if (entry->opcode == IORING_OP_CLOSE) close(entry->fd);
    }
}

void hs_uring_cancel_all(struct io_uring *ring) {
    struct io_uring_sync_cancel_reg all;
    memset(&all, 0, sizeof all);
    all.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
    /* Operations that cannot be cancelled, such as one on a file that has begun, are not waited for any longer. */
    all.timeout.tv_sec = 1;
    /* With DEFER_TASKRUN, cancelling an operation that waits for a socket only queues work, which the task does when it
       asks for completions. Once nothing is found to cancel, all of it is done. */
    for (int round = 0; round < 16; round++) {
        int found = io_uring_register_sync_cancel(ring, &all);
        if (found <= 0 && found != -EALREADY) break;
        io_uring_get_events(ring);
    }
}
