/// What liburing 2.3 lacks, or what Swift cannot import from it: the `IOSQE_*` flags (macros with casts), reading the
/// completion queue in one batch (an acquire load in a macro), and the ring of provided buffers (a flexible array).
/// Swift imports this module and with it all of liburing; CLiburing finds and links the library.
#ifndef HS_URING_H
#define HS_URING_H

/* Ahead of liburing.h, which asks for _XOPEN_SOURCE: the C library must look as it does to Swift, or types such as
   fd_set would differ between the modules. */
#include <sys/types.h>
#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HS_SQE_BUFFER_SELECT = 1U << IOSQE_BUFFER_SELECT_BIT,
    HS_SQE_SKIP_SUCCESS = 1U << IOSQE_CQE_SKIP_SUCCESS_BIT,
};

/// Completions that the kernel has published and that have not been advanced over yet.
static inline unsigned hs_uring_ready(const struct io_uring *ring) {
    return io_uring_cq_ready(ring);
}

/// The completion `offset` places after the queue's head; `offset` must be below `hs_uring_ready`.
/// No ordering of its own: `hs_uring_ready` loaded the tail with acquire, which pairs with the kernel's release.
static inline const struct io_uring_cqe *hs_uring_completion(const struct io_uring *ring, unsigned offset) {
    return &ring->cq.cqes[(*ring->cq.khead + offset) & *ring->cq.kring_mask];
}

/// Whether the kernel had to set completions aside because the queue was full; they come once there is room.
static inline bool hs_uring_has_overflow(const struct io_uring *ring) {
    return io_uring_cq_has_overflow(ring);
}

/// Closes the descriptors whose closing (IORING_OP_CLOSE) is queued and was not submitted. Nothing may be submitted
/// afterwards.
void hs_uring_close_unsubmitted(struct io_uring *ring);

/// Cancels everything that was submitted, and waits until it is over; their completions are then in the queue. Closing
/// the ring leaves both to a worker of the kernel: for a while, pending operations would still keep sockets open, and
/// the accept of a listener would still take the wake-up that was meant for another.
void hs_uring_cancel_all(struct io_uring *ring);

/// Posts a completion with `user_data` to the ring of `descriptor`, from any thread and without a ring of the
/// caller's (IORING_REGISTER_SEND_MSG_RING, kernel 6.13). Returns 0, or the errno of the failure.
int hs_uring_post(int descriptor, uint64_t user_data);

/// A ring of equally large buffers from which the kernel picks one per receive (IORING_REGISTER_PBUF_RING).
/// Used by one thread only: the one that owns the io_uring.
typedef struct hs_buffer_ring hs_buffer_ring;

/// Maps and registers `count` (a power of two, at most 32,768) buffers of `size` bytes as `group`.
/// Returns NULL and stores the errno in `*error` on failure. Memory: count × (size + 16) bytes, touched lazily.
hs_buffer_ring *hs_buffer_ring_create(struct io_uring *ring, uint16_t group, unsigned count, unsigned size, int *error);

/// Unmaps the buffers. The io_uring must be gone, or idle, so that the kernel no longer writes into them.
void hs_buffer_ring_destroy(hs_buffer_ring *buffers);

/// The first byte of buffer `id`, which the kernel has handed out and which has not been returned.
void *hs_buffer_ring_memory(const hs_buffer_ring *buffers, uint16_t id);

/// Gives buffer `id` back; the kernel sees it after the next `hs_buffer_ring_publish`.
void hs_buffer_ring_return(hs_buffer_ring *buffers, uint16_t id);

/// Lets the kernel see all returned buffers at once. Returns how many there were.
unsigned hs_buffer_ring_publish(hs_buffer_ring *buffers);

#endif
