// The floor on io_uring, with everything that HyperServe's driver does to save work: completions only when they are
// asked for, one system call a turn, multishot accept and receive, a ring of buffers, and sends that the kernel speaks
// of only when they fail.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { ENTRY_COUNT = 512, BUFFER_COUNT = 1024, BUFFER_BYTES = 4096, BUFFER_GROUP = 0, DIRECT_COUNT = 16384 };

enum operation { ACCEPT, RECEIVE, QUIET_SEND, REST_SEND, LAST_SEND, IGNORED };

static struct io_uring ring;
static struct io_uring_buf_ring *buffers;
static char *memory;
static int returned;
static bool receives_once, is_direct;

static struct io_uring_sqe *next_entry(void) {
    struct io_uring_sqe *entry;
    while (!(entry = io_uring_get_sqe(&ring))) io_uring_submit(&ring);
    return entry;
}

/// Has room for that many entries without a submission between them, as a chain must.
static void make_room(unsigned count) {
    while (io_uring_sq_space_left(&ring) < count) io_uring_submit(&ring);
}

static void label(struct io_uring_sqe *entry, enum operation operation, int descriptor) {
    io_uring_sqe_set_data64(entry, (__u64)operation << 32 | (unsigned)descriptor);
}

/// Once the entry is prepared: a direct descriptor is looked up in the ring's table.
static void look_up(struct io_uring_sqe *entry) {
    if (is_direct) entry->flags |= IOSQE_FIXED_FILE;
}

static void start_accepting(int listener) {
    struct io_uring_sqe *entry = next_entry();
    if (is_direct) io_uring_prep_multishot_accept_direct(entry, listener, NULL, NULL, 0);
    else io_uring_prep_multishot_accept(entry, listener, NULL, NULL, SOCK_CLOEXEC);
    label(entry, ACCEPT, listener);
}

static void start_receiving(int descriptor) {
    struct io_uring_sqe *entry = next_entry();
    if (receives_once) io_uring_prep_recv(entry, descriptor, NULL, 0, 0);
    else io_uring_prep_recv_multishot(entry, descriptor, NULL, 0, 0);
    look_up(entry);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = BUFFER_GROUP;
    label(entry, RECEIVE, descriptor);
}

static void close_quietly(int descriptor) {
    struct io_uring_sqe *entry = next_entry();
    if (is_direct) io_uring_prep_close_direct(entry, (unsigned)descriptor);
    else io_uring_prep_close(entry, descriptor);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    label(entry, IGNORED, descriptor);
}

/// The only response of its connection: sent and closed in one chain, without a completion.
static void send_and_close(int descriptor, struct response response) {
    make_room(2);
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_send(entry, descriptor, response.bytes, response.count, MSG_NOSIGNAL | MSG_WAITALL | MSG_MORE);
    look_up(entry);
    entry->flags |= IOSQE_IO_HARDLINK | IOSQE_CQE_SKIP_SUCCESS;
    label(entry, IGNORED, descriptor);
    close_quietly(descriptor);
}

/// The last of several responses: the connection is closed once the socket has it.
static void send_last(int descriptor, struct response response) {
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_send(entry, descriptor, response.bytes, response.count, MSG_NOSIGNAL | MSG_WAITALL | MSG_MORE);
    look_up(entry);
    label(entry, LAST_SEND, descriptor);
}

static void shut_down(int descriptor) {
    if (!is_direct) {
        shutdown(descriptor, SHUT_WR);
        return;
    }
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_shutdown(entry, descriptor, SHUT_WR);
    look_up(entry);
    label(entry, IGNORED, descriptor);
}

static void send_quietly(int descriptor, struct connection *connection, struct response response) {
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_send(entry, descriptor, response.bytes, response.count, MSG_NOSIGNAL | MSG_WAITALL | MSG_DONTWAIT);
    look_up(entry);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    label(entry, QUIET_SEND, descriptor);
    // Used only if the kernel reports that it was not sent.
    connection->unsent = response;
}

static void send_rest(int descriptor, struct connection *connection, int result) {
    size_t sent = result > 0 ? (size_t)result : 0;
    connection->unsent.bytes += sent;
    connection->unsent.count -= sent;
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_send(entry, descriptor, connection->unsent.bytes, connection->unsent.count,
                       MSG_NOSIGNAL | MSG_WAITALL);
    look_up(entry);
    label(entry, REST_SEND, descriptor);
}

static void respond(int descriptor, const char *bytes, size_t count) {
    struct connection *connection = connection_at(descriptor);
    struct response response = connection_responses(connection, bytes, count);
    if (response.count == 0) {
        if (receives_once) start_receiving(descriptor);
    } else if (!connection->is_finished) {
        send_quietly(descriptor, connection, response);
    } else if (receives_once) {
        send_and_close(descriptor, response);
    } else {
        send_last(descriptor, response);
    }
}

static void received(int descriptor, const struct io_uring_cqe *completion) {
    if (completion->res > 0) {
        unsigned id = completion->flags >> IORING_CQE_BUFFER_SHIFT;
        char *buffer = memory + (size_t)id * BUFFER_BYTES;
        respond(descriptor, buffer, (size_t)completion->res);
        io_uring_buf_ring_add(buffers, buffer, BUFFER_BYTES, (unsigned short)id, io_uring_buf_ring_mask(BUFFER_COUNT),
                              returned++);
        if (!receives_once && !(completion->flags & IORING_CQE_F_MORE)) start_receiving(descriptor);
    } else if (completion->res == -ENOBUFS) {
        start_receiving(descriptor);
    } else {
        close_quietly(descriptor);
    }
}

static void handle(const struct io_uring_cqe *completion) {
    int descriptor = (int)(completion->user_data & 0xFFFFFFFF);
    switch ((enum operation)(completion->user_data >> 32)) {
    case ACCEPT:
        if (!(completion->flags & IORING_CQE_F_MORE)) start_accepting(descriptor);
        if (completion->res < 0) break;
        connection_reset(connection_at(completion->res));
        start_receiving(completion->res);
        break;
    case RECEIVE: received(descriptor, completion); break;
    case QUIET_SEND:
        if (completion->res >= 0 || completion->res == -EAGAIN)
            send_rest(descriptor, connection_at(descriptor), completion->res);
        break;
    case LAST_SEND: shut_down(descriptor); break;
    case REST_SEND:
    case IGNORED: break;
    }
}

static void *map(size_t count) {
    void *bytes = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) fail("mmap", errno);
    return bytes;
}

static void set_up(void) {
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = ENTRY_COUNT * 8,
    };
    int status = io_uring_queue_init_params(ENTRY_COUNT, &ring, &parameters);
    if (status < 0) fail("io_uring_setup", -status);
    status = is_direct ? io_uring_register_files_sparse(&ring, DIRECT_COUNT) : 0;
    if (status < 0) fail("io_uring_register", -status);
    buffers = map(BUFFER_COUNT * sizeof(struct io_uring_buf));
    memory = map((size_t)BUFFER_COUNT * BUFFER_BYTES);
    struct io_uring_buf_reg registration = {
        .ring_addr = (__u64)(unsigned long)buffers, .ring_entries = BUFFER_COUNT, .bgid = BUFFER_GROUP};
    status = io_uring_register_buf_ring(&ring, &registration, 0);
    if (status < 0) fail("io_uring_register", -status);
    io_uring_buf_ring_init(buffers);
    for (unsigned id = 0; id < BUFFER_COUNT; id++)
        io_uring_buf_ring_add(buffers, memory + (size_t)id * BUFFER_BYTES, BUFFER_BYTES, (unsigned short)id,
                              io_uring_buf_ring_mask(BUFFER_COUNT), (int)id);
    io_uring_buf_ring_advance(buffers, BUFFER_COUNT);
}

void uring_serve(int listener, enum closing closing, bool direct) {
    is_direct = direct;
    receives_once = closing == CLOSES_ALWAYS;
    set_up();
    start_accepting(listener);
    while (true) {
        if (returned > 0) io_uring_buf_ring_advance(buffers, returned);
        returned = 0;
        int status = io_uring_submit_and_wait(&ring, 1);
        if (status < 0 && status != -EINTR && status != -EBUSY && status != -EAGAIN) fail("io_uring_enter", -status);
        responses_update_date();
        unsigned head, count = 0;
        struct io_uring_cqe *completion;
        io_uring_for_each_cqe(&ring, head, completion) {
            handle(completion);
            count++;
        }
        io_uring_cq_advance(&ring, count);
    }
}
