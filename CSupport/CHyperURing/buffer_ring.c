#define _GNU_SOURCE
#include "hs_uring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct hs_buffer_ring {
    struct io_uring_buf_ring *ring;
    char *memory;
    size_t ring_bytes, memory_bytes;
    unsigned count, size;
    unsigned returned; /* added beyond the tail, not yet published */
};

static void *map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

hs_buffer_ring *hs_buffer_ring_create(struct io_uring *ring, uint16_t group, unsigned count, unsigned size,
                                      int *error) {
    if (count == 0 || count > 32768 || (count & (count - 1)) != 0 || size == 0) {
        *error = EINVAL;
        return NULL;
    }
    hs_buffer_ring *buffers = calloc(1, sizeof *buffers);
    if (!buffers) {
        *error = ENOMEM;
        return NULL;
    }
    buffers->count = count;
    buffers->size = size;
    buffers->ring_bytes = count * sizeof(struct io_uring_buf);
    buffers->memory_bytes = (size_t)count * size;
    buffers->ring = map(buffers->ring_bytes);
    buffers->memory = map(buffers->memory_bytes);
    *error = buffers->ring && buffers->memory ? 0 : ENOMEM;
    if (*error == 0) {
        struct io_uring_buf_reg registration = {
            .ring_addr = (uint64_t)(uintptr_t)buffers->ring,
            .ring_entries = count,
            .bgid = group,
        };
        *error = -io_uring_register_buf_ring(ring, &registration, 0);
    }
    if (*error != 0) {
        hs_buffer_ring_destroy(buffers);
        return NULL;
    }
    io_uring_buf_ring_init(buffers->ring);
    for (unsigned id = 0; id < count; id++) hs_buffer_ring_return(buffers, (uint16_t)id);
    hs_buffer_ring_publish(buffers);
    return buffers;
}

void hs_buffer_ring_destroy(hs_buffer_ring *buffers) {
    if (!buffers) return;
    if (buffers->ring) munmap(buffers->ring, buffers->ring_bytes);
    if (buffers->memory) munmap(buffers->memory, buffers->memory_bytes);
    free(buffers);
}

void *hs_buffer_ring_memory(const hs_buffer_ring *buffers, uint16_t id) {
    return buffers->memory + (size_t)(id & (buffers->count - 1)) * buffers->size;
}

void hs_buffer_ring_return(hs_buffer_ring *buffers, uint16_t id) {
    io_uring_buf_ring_add(buffers->ring, hs_buffer_ring_memory(buffers, id), buffers->size, id,
                          io_uring_buf_ring_mask(buffers->count), (int)buffers->returned);
    buffers->returned++;
}

unsigned hs_buffer_ring_publish(hs_buffer_ring *buffers) {
    unsigned returned = buffers->returned;
    if (returned) {
        /* liburing stores the tail with release; pairs with the kernel's acquire when it picks a buffer. */
        io_uring_buf_ring_advance(buffers->ring, (int)returned);
        buffers->returned = 0;
    }
    return returned;
}
