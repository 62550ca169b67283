/// What the structures share: the cache line, the counted index, and the points where the tests may interfere.
#ifndef HS_INTERNAL_H
#define HS_INTERNAL_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "32-bit atomics must always be lock-free");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must always be lock-free");
_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "pointer atomics must always be lock-free");
_Static_assert(sizeof(_Atomic uint64_t) == 8 && _Alignof(_Atomic uint64_t) == 8, "no lock inside an atomic");
_Static_assert(sizeof(_Atomic uintptr_t) == sizeof(uintptr_t), "no lock inside an atomic");
_Static_assert(sizeof(uintptr_t) == 8, "the structures were proven for 64-bit machines");

/// What no two writers should share: two 64-byte lines, because x86-64 fetches lines in pairs; and one line on
/// those arm64 cores whose lines have 128 bytes.
#define HS_LINE 128

/// A point between two steps, where the tests' own build of these sources (Tests/LockFreeTestSupport) stops one
/// thread to let others pass. Nothing at all in the product.
#ifndef HS_POINT
#define HS_POINT(point) ((void)0)
#endif

/// Zeroed memory on a line of its own. NULL: none left.
static inline void *hs_lines_allocate(size_t size) {
    size_t whole = (size + HS_LINE - 1) / HS_LINE * HS_LINE;
    void *memory = aligned_alloc(HS_LINE, whole);
    return memory == NULL ? NULL : memset(memory, 0, whole);
}

#endif
