#define _GNU_SOURCE
#include "meter.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SHARDS 8
#define LINE 128

typedef struct {
    _Alignas(LINE) _Atomic uint64_t count;
} shard;

struct meter {
    shard shards[SHARDS];
    _Alignas(LINE) _Atomic uint64_t end;
    _Alignas(LINE) _Atomic uint64_t times[];
};

meter *meter_create(uint32_t slots) {
    size_t size = (sizeof(meter) + slots * sizeof(uint64_t) + LINE - 1) / LINE * LINE;
    meter *created = aligned_alloc(LINE, size);
    return created == NULL ? NULL : memset(created, 0, size);
}

void meter_destroy(meter *meter) { free(meter); }

void meter_count(meter *meter) {
    /* A read-modify-write, as the thread may move to another processor in between. */
    atomic_fetch_add_explicit(&meter->shards[sched_getcpu() % SHARDS].count, 1, memory_order_release);
}

uint64_t meter_total(const meter *meter) {
    uint64_t total = 0;
    for (int index = 0; index < SHARDS; index++) {
        total += atomic_load_explicit(&meter->shards[index].count, memory_order_acquire);
    }
    return total;
}

void meter_submitted(meter *meter, uint32_t slot) {
    atomic_store_explicit(&meter->times[slot], meter_now(), memory_order_relaxed);
}

void meter_started(meter *meter, uint32_t slot) {
    uint64_t submitted = atomic_load_explicit(&meter->times[slot], memory_order_relaxed);
    atomic_store_explicit(&meter->times[slot], meter_now() - submitted, memory_order_relaxed);
}

uint64_t meter_wait(const meter *meter, uint32_t slot) {
    return atomic_load_explicit(&meter->times[slot], memory_order_relaxed);
}

void meter_ended(meter *meter) {
    uint64_t now = meter_now();
    uint64_t end = atomic_load_explicit(&meter->end, memory_order_relaxed);
    while (end < now &&
           !atomic_compare_exchange_weak_explicit(&meter->end, &end, now, memory_order_relaxed, memory_order_relaxed)) {
    }
}

uint64_t meter_end(const meter *meter) { return atomic_load_explicit(&meter->end, memory_order_relaxed); }

uint64_t meter_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void meter_spin(uint32_t rounds) {
    uint64_t state = 88172645463325252u;
    for (uint32_t round = 0; round < rounds; round++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        /* Keeps the compiler from leaving the loop out. */
        __asm__ __volatile__("" : "+r"(state));
    }
}

uint32_t meter_calibrate(void) {
    const uint32_t rounds = 1000000;
    uint64_t best = UINT64_MAX;
    /* The fastest of many short runs: whatever disturbs can only make one slower. */
    for (int run = 0; run < 20; run++) {
        uint64_t start = meter_now();
        meter_spin(rounds);
        uint64_t taken = meter_now() - start;
        if (taken < best) best = taken;
    }
    return (uint32_t)((uint64_t)rounds * 1000 / best);
}

static uint64_t time_used(int whose) {
    struct rusage usage;
    getrusage(whose, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

uint64_t meter_processor_time(void) { return time_used(RUSAGE_SELF); }

uint64_t meter_children_time(void) { return time_used(RUSAGE_CHILDREN); }

uint64_t meter_machine_time(void) {
    FILE *file = fopen("/proc/stat", "r");
    if (file == NULL) return 0;
    /* user, nice, system, idle, waiting for a disk, interrupts hard and soft, kept by the host */
    unsigned long long ticks[8] = {0};
    int fields = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1], &ticks[2], &ticks[3],
                        &ticks[4], &ticks[5], &ticks[6], &ticks[7]);
    fclose(file);
    if (fields != 8) return 0;
    uint64_t busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
    return busy * (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}
