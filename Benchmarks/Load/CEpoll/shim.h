/* What Swift's Glibc module lacks of the system's headers. */
#ifndef CEPOLL_SHIM_H
#define CEPOLL_SHIM_H
#include <sys/epoll.h>
#include <sys/prctl.h>

/* How much later than asked the kernel may wake this thread. Swift imports no function with variable arguments. */
static inline int epoll_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0L, 0L, 0L);
}
#endif
