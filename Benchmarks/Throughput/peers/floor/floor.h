/// The floor: the least that a server of these answers can do. It finds where each request ends, looks at one or two
/// letters of its target, and sends bytes that were there before. It parses, routes, encodes and checks nothing,
/// has no limits and no timeouts, and trusts its client. It uses the kernel as HyperServe does, on either interface.
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stddef.h>

/// Bytes that wait to be sent.
struct answer {
    const char *bytes;
    size_t count;
};

/// What is kept of a client, found by its descriptor.
struct connection {
    /// The beginning of a request whose end has not arrived.
    char *input;
    size_t input_count, input_capacity;
    /// Answers that had to be put together: echoes, and those to pipelined requests.
    char *output;
    size_t output_capacity;
    /// What the socket had no room for.
    struct answer unsent;
    /// Whether its last answer has been given.
    bool is_finished;
};

/// When a connection is closed: never, after its first request, or after the one that asks for it. Only the last looks
/// for the field that asks.
enum closing { CLOSES_NEVER, CLOSES_ALWAYS, CLOSES_WHEN_ASKED };

/// Builds the constant answers.
void answers_create(enum closing closing);

/// Writes the time into the answers, when its second has changed. To be called once a turn.
void answers_update_date(void);

/// Answers every request that is complete in `bytes` behind what was kept, and keeps the rest. The result is valid
/// until the next call for this connection; it is empty when no request was complete.
struct answer connection_answer(struct connection *connection, const char *bytes, size_t count);

/// The connection behind a descriptor. Its memory does not move.
struct connection *connection_at(int descriptor);

/// Forgets the client, and keeps the buffers for the next that gets this descriptor.
void connection_reset(struct connection *connection);

/// Serves until the process is ended. Direct descriptors are places in the ring's own table of files.
void uring_serve(int listener, enum closing closing, bool direct);
void epoll_serve(int listener);

/// Ends the process with the name of the call that failed.
void fail(const char *call, int error) __attribute__((noreturn));

#endif
