#define _GNU_SOURCE
#include "hs_platform.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

void hs_memory_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void hs_thread_set_name(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof kept - 1);
    kept[sizeof kept - 1] = '\0';
    pthread_setname_np(pthread_self(), kept);
}

/* Of each thread; zero until the first question. A recursion may use the `usable` bytes from `limit` on, which is as
   much above `low`, the lowest address, as is kept. */
static _Thread_local struct {
    uintptr_t low, limit, usable;
} stack;

static void find_stack(uintptr_t here) {
    const uintptr_t kept = 64 << 10, assumed = 256 << 10;
    uintptr_t low = here > assumed ? here - assumed : 0;
    uintptr_t high = UINTPTR_MAX;
    uintptr_t size = assumed;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        void *base;
        size_t byte_count, guard;
        if (pthread_attr_getstack(&attributes, &base, &byte_count) == 0
            && pthread_attr_getguardsize(&attributes, &guard) == 0 && guard < byte_count) {
            /* Versions of glibc differ in whether the guard is part of the stack. */
            low = (uintptr_t)base + guard;
            high = (uintptr_t)base + byte_count;
            size = byte_count - guard;
        }
        pthread_attr_destroy(&attributes);
    }
    stack.low = low;
    stack.limit = low + (size / 2 < kept ? size / 2 : kept);
    stack.usable = high - stack.limit;
}

/* Not inlined, so that the usual case saves no registers. */
__attribute__((noinline)) static bool judge_stack(uintptr_t here) {
    if (stack.usable == 0) find_stack(here);
    return here >= stack.limit || here < stack.low;
}

bool hs_stack_has_room(void) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return here - stack.limit < stack.usable || judge_stack(here);
}

int hs_thread_set_affinity(unsigned processor) {
    if (processor >= CPU_SETSIZE) return EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/* All of it is 0 if the socket is none of TCP. */
static struct tcp_info tcp_info_of(int socket) {
    struct tcp_info info;
    memset(&info, 0, sizeof info);
    socklen_t length = sizeof info;
    /* An older kernel fills less of it, and the rest stays 0. */
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) memset(&info, 0, sizeof info);
    return info;
}

uint64_t hs_acknowledged_byte_count(int socket) {
    return tcp_info_of(socket).tcpi_bytes_acked;
}

size_t hs_unread_byte_count(int socket) {
    int count = 0;
    return ioctl(socket, FIONREAD, &count) == 0 && count > 0 ? (size_t)count : 0;
}

bool hs_peer_is_silent(int socket, uint32_t milliseconds) {
    struct tcp_info info = tcp_info_of(socket);
    bool is_waiting = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
    if (!is_waiting || info.tcpi_last_ack_recv <= milliseconds) return false;
    /* In an open window bytes are sent again, sooner or later. An acknowledgment of some of them restarts the count. */
    if (info.tcpi_snd_wnd > 0) return info.tcpi_retransmits > 0;
    /* In a closed one the kernel sends probes, at most two minutes apart. One may be in flight, so it takes two. Bytes
       that the peer had no memory for are sent again as probes, which nothing counts. An old kernel doesn't report
       the window, which then looks closed. */
    enum { longest_pause = 120000 };
    return info.tcpi_probes > 1 || info.tcpi_last_ack_recv > 2 * longest_pause;
}

static int accept_with(int listener, int flags) {
    int descriptor = accept4(listener, NULL, NULL, flags | SOCK_CLOEXEC);
    return descriptor >= 0 ? descriptor : -errno;
}

int hs_accept(int listener) { return accept_with(listener, 0); }

int hs_accept_nonblocking(int listener) { return accept_with(listener, SOCK_NONBLOCK); }

int hs_listener_refuse_new(int listener) {
    enum { flags_offset = 13, syn = 0x02, ack = 0x10 };
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_offset), /* the filter of a TCP socket sees the TCP header first */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : errno;
}

unsigned hs_thread_processor(void) {
    int processor = sched_getcpu();
    return processor < 0 ? 0 : (unsigned)processor;
}
