/// What glibc offers but Swift cannot import: GNU extensions hidden behind `_GNU_SOURCE`,
/// macros with arguments, and code that must run inside a signal handler.
#ifndef HS_PLATFORM_H
#define HS_PLATFORM_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// Names the calling thread as `ps -L` and debuggers show it. At most 15 bytes are kept.
void hs_thread_set_name(const char *name);

/// Restricts the calling thread to one processor. Returns 0, or the errno of the failure.
int hs_thread_set_affinity(unsigned processor);

/// Processors that the calling thread may run on, at least 1.
unsigned hs_processor_count(void);

/// Accepts a connection, non-blocking and close-on-exec. Returns the descriptor, or a negated errno.
int hs_accept_nonblocking(int listener);

/// Bytes of a TCP connection that the peer has acknowledged (`tcpi_bytes_acked`, RFC 4898 section 3.1); 0 if the kernel
/// doesn't tell.
uint64_t hs_acknowledged_byte_count(int socket);

/// Makes a listening socket ignore packets that would begin a connection, while connections whose handshake is under
/// way are still completed and accepted: a classic BPF filter that drops segments with SYN and without ACK.
/// Returns 0, or the errno of the failure.
int hs_listener_refuse_new(int listener);

/// The processor on which the calling thread runs, or ran a moment ago; 0 if the kernel doesn't tell. About 2 ns.
unsigned hs_thread_processor(void);

/// Makes SIGINT and SIGTERM add 1 to the eventfd `descriptor` instead of ending the process.
/// Only `write` runs in the handler, which POSIX lists as async-signal-safe.
/// Returns 0, or the errno of the failure. A second call replaces the descriptor.
int hs_signals_redirect_to(int descriptor);

/// Gives SIGINT and SIGTERM back the disposition that they had before the redirection.
void hs_signals_restore(void);

/// Has the C library return to the system what pages it keeps of memory that was freed: milliseconds of work, on a
/// thread that ends with it.
void hs_memory_give_back(void);

#endif
