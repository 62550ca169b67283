/// The floor: the least work that can send these responses. It finds where each request ends, looks at one or two
/// letters of its target, and sends prepared bytes. It parses, routes, encodes and checks nothing,
/// has no limits and no timeouts, and trusts its client. It uses the kernel as HyperServe does, on either interface.
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stddef.h>

/// Bytes that wait to be sent.
struct response {
    const char *bytes;
    size_t count;
};

/// The state of a connection, found by its descriptor.
struct connection {
    /// The beginning of an incomplete request.
    char *input;
    size_t input_count, input_capacity;
    /// Composed responses: echoes, and those to pipelined requests.
    char *output;
    size_t output_capacity;
    /// The bytes that the socket had no room for.
    struct response unsent;
    /// Whether its last response was chosen.
    bool is_finished;
};

/// When a connection is closed: never, after its first request, or after one with `Connection: close`. Only the
/// last searches for that field.
enum closing { CLOSES_NEVER, CLOSES_ALWAYS, CLOSES_WHEN_ASKED };

/// Builds the constant responses.
void responses_create(enum closing closing);

/// Writes the date into the responses if the second has changed. To be called once a turn.
void responses_update_date(void);

/// Returns the responses to all requests that are complete with `bytes`, which follow the bytes kept before, and keeps
/// the rest. The result is valid until the next call for this connection; it is empty if no request is complete.
struct response connection_responses(struct connection *connection, const char *bytes, size_t count);

/// The connection of a descriptor. Its memory does not move.
struct connection *connection_at(int descriptor);

/// Resets the state, and keeps the buffers for the next connection with this descriptor.
void connection_reset(struct connection *connection);

/// Serves until the process is ended. Direct descriptors are indices into the ring's own table of files.
void uring_serve(int listener, enum closing closing, bool direct);
void epoll_serve(int listener);

/// Ends the process with the name of the call that failed.
void fail(const char *call, int error) __attribute__((noreturn));

#endif
