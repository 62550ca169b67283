#define _GNU_SOURCE
#include "hs_platform.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Both live as long as the process, so a handler that is late on another thread touches nothing that is gone. */
static _Atomic uint32_t event_count, signal_count;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler may only use lock-free atomics");
_Static_assert(sizeof event_count == 4, "a futex has 32 bits");

uint32_t hs_events_seen(void) {
    /* Acquire: pairs with the release in `hs_events_announce`, so that what was announced is seen. */
    return atomic_load_explicit(&event_count, memory_order_acquire);
}

void hs_events_announce(void) {
    /* Release: pairs with the acquire in `hs_events_seen`. */
    atomic_fetch_add_explicit(&event_count, 1, memory_order_release);
    syscall(SYS_futex, &event_count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HS_THREAD_SANITIZER 1
#endif
#endif

void hs_events_wait(uint32_t seen, int64_t nanoseconds) {
#ifdef HS_THREAD_SANITIZER
    /* ThreadSanitizer delays a signal's handler until the thread enters or leaves a call that it knows, and it doesn't
       know the futex. */
    if (hs_events_seen() == seen) poll(NULL, 0, nanoseconds >= 0 && nanoseconds < 10000000 ? 1 : 10);
    return;
#endif
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    /* Returns at once when the count has changed. An interruption is one more reason to look again. */
    syscall(SYS_futex, &event_count, FUTEX_WAIT_PRIVATE, seen, nanoseconds < 0 ? NULL : &timeout, NULL, 0);
}

/* Async-signal-safe: lock-free atomics, and a system call whose wrapper does nothing but set errno. */
static void count_signal(int number) {
    (void)number;
    int saved = errno;
    /* Relaxed: the announcement orders it. */
    atomic_fetch_add_explicit(&signal_count, 1, memory_order_relaxed);
    hs_events_announce();
    errno = saved;
}

static const int ending_signals[] = {SIGINT, SIGTERM};
enum { ending_signal_count = sizeof ending_signals / sizeof *ending_signals };

/* Guards what follows. */
static pthread_mutex_t users_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;
static struct sigaction previous[ending_signal_count];

uint32_t hs_signals_seen(void) {
    /* Relaxed: loaded after `hs_events_seen`, whose acquire pairs with the handler's release. */
    return atomic_load_explicit(&signal_count, memory_order_relaxed);
}

uint32_t hs_signals_begin(void) {
    pthread_mutex_lock(&users_lock);
    uint32_t seen = hs_signals_seen();
    if (users++ == 0) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = count_signal;
        sigemptyset(&action.sa_mask);
        action.sa_flags = SA_RESTART;
        /* Fails only for numbers of no signal and for bad addresses. */
        for (int i = 0; i < ending_signal_count; i++) sigaction(ending_signals[i], &action, &previous[i]);
    }
    pthread_mutex_unlock(&users_lock);
    return seen;
}

void hs_signals_end(void) {
    pthread_mutex_lock(&users_lock);
    if (--users == 0) {
        for (int i = 0; i < ending_signal_count; i++) {
            struct sigaction current;
            /* A handler that the program has set meanwhile stays. */
            if (sigaction(ending_signals[i], NULL, &current) == 0 && current.sa_handler == count_signal)
                sigaction(ending_signals[i], &previous[i], NULL);
        }
    }
    pthread_mutex_unlock(&users_lock);
}
