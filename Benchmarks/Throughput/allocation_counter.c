/* Counts what a process asks of the heap, for LD_PRELOAD.
 *
 * The counters lie in the file that HS_ALLOCATION_COUNTER names, mapped and shared, so another process can read them
 * at any time and the counted one need not be interrupted. Layout: two 64-bit numbers in the machine's byte order,
 * allocations (a realloc is one) and frees. Without the variable, the counts are lost. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own entry points: calling them needs no dlsym, which itself allocates. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *pointer);

struct counters {
    _Atomic uint64_t allocations;
    _Atomic uint64_t frees;
};

static struct counters unseen;
static struct counters *_Atomic counters = &unseen;

/* Relaxed throughout: the numbers are read when the counted process is at rest, and order nothing. */
static void count_allocation(void) {
    atomic_fetch_add_explicit(&atomic_load_explicit(&counters, memory_order_relaxed)->allocations, 1,
                              memory_order_relaxed);
}

static void count_free(void) {
    atomic_fetch_add_explicit(&atomic_load_explicit(&counters, memory_order_relaxed)->frees, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void map_counters(void) {
    const char *path = getenv("HS_ALLOCATION_COUNTER");
    if (path == NULL) return;
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    if (ftruncate(descriptor, sizeof(struct counters)) == 0) {
        void *mapped = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (mapped != MAP_FAILED) atomic_store(&counters, (struct counters *)mapped);
    }
    close(descriptor);
}

void *malloc(size_t size) {
    count_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size) {
    count_allocation();
    return __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
    count_allocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count_allocation();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    count_allocation();
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *pointer = __libc_memalign(alignment, size);
    if (pointer == NULL) return ENOMEM;
    *result = pointer;
    return 0;
}

void free(void *pointer) {
    if (pointer != NULL) count_free();
    __libc_free(pointer);
}
