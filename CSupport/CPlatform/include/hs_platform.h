/// What glibc offers but Swift cannot import: GNU extensions that require `_GNU_SOURCE`,
/// macros with arguments, and code that must run inside a signal handler.
#ifndef HS_PLATFORM_H
#define HS_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// Names the calling thread as `ps -L` and debuggers show it. At most 15 bytes are kept.
void hs_thread_set_name(const char *name);

/// Restricts the calling thread to one processor. Returns 0, or the errno of the failure.
int hs_thread_set_affinity(unsigned processor);

/// Accepts a connection, close-on-exec. Returns the descriptor, or a negated errno.
int hs_accept(int listener);

/// Accepts a connection, non-blocking and close-on-exec. Returns the descriptor, or a negated errno.
int hs_accept_nonblocking(int listener);

/// Bytes of a TCP connection that the peer has acknowledged (`tcpi_bytes_acked`, RFC 4898 section 3.1); 0 if the kernel
/// doesn't report it.
uint64_t hs_acknowledged_byte_count(int socket);

/// Bytes that a socket has received and that were not read yet (`FIONREAD`); 0 if the kernel doesn't report it.
size_t hs_unread_byte_count(int socket);

/// Whether a TCP connection has bytes for its peer that the peer does not acknowledge: nothing has come from it for
/// longer than `milliseconds`, and the kernel has retransmitted them, or has probed a closed window twice. A peer that
/// acknowledges the probes is not silent, however long its window stays closed. There may be two minutes between
/// probes, so with a closed window silence may be noticed only after four. False if the kernel doesn't report it.
bool hs_peer_is_silent(int socket, uint32_t milliseconds);

/// Makes a listening socket ignore packets that would begin a connection, while connections whose handshake is under
/// way are still completed and accepted: a classic BPF filter that drops segments with SYN and without ACK.
/// Returns 0, or the errno of the failure.
int hs_listener_refuse_new(int listener);

/// The processor on which the calling thread runs, or ran a moment ago; 0 if the kernel doesn't report it. About 2 ns.
unsigned hs_thread_processor(void);

/// The count of events in this process for which threads wait with `hs_events_wait`: phases of servers, and signals.
uint32_t hs_events_seen(void);

/// Counts an event, and makes every waiting thread check its condition again. May be called by a signal handler.
void hs_events_announce(void);

/// Blocks while the count of events is `seen`, for `nanoseconds` at most, or without a limit if that is negative; may
/// also return early.
void hs_events_wait(uint32_t seen, int64_t nanoseconds);

/// Makes SIGINT and SIGTERM events, and counts them, instead of ending the process, until `hs_signals_end` was called
/// as often as this. Returns how many signals there were before. Not for signal handlers.
uint32_t hs_signals_begin(void);

/// Undoes one `hs_signals_begin`. The last one gives SIGINT and SIGTERM back the disposition that they had.
void hs_signals_end(void);

/// How many of these signals there were, since the process began.
uint32_t hs_signals_seen(void);

/// Whether enough of the calling thread's stack is left for another level of a recursion over data: 64 KiB, or half of
/// a stack of less than 128 KiB. Where the system doesn't report the stack, 256 KiB are assumed to be left at the first
/// call. True on a stack that is not the one the thread was created with. A few instructions.
bool hs_stack_has_room(void);

/// Returns to the system the pages of freed memory that the C library keeps: milliseconds of work.
void hs_memory_trim(void);

#endif
