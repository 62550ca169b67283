/// What the processor itself offers to code that waits without sleeping.
#ifndef HS_CPU_H
#define HS_CPU_H

#include <stdatomic.h>
#include <stdint.h>

/// Tells the processor that this is a spin loop: it saves power, leaves execution slots to the other
/// hyperthread, and does not mispredict the way out. Not a barrier, and never a system call.
static inline void hs_cpu_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    /* `yield` is a no-op on most cores; `isb` empties the pipeline and waits about as long as `pause`. */
    __asm__ __volatile__("isb" ::: "memory");
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/// Begins to fetch the line at `address` for writing, and does not wait for it. Any number is allowed.
static inline void hs_cpu_prefetch(uintptr_t address) {
    __builtin_prefetch((const void *)address, 1);
}

#endif
