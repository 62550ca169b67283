/// What a job of the benchmark does: count, spin, read the clock. In C, so that it costs the same in every pool, and
/// as little as possible: what is measured is the way to the job and not the job.
#ifndef METER_H
#define METER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct meter meter;

/// A count and a table of `slots` times, all 0. NULL: no memory.
meter *meter_create(uint32_t slots);
void meter_destroy(meter *meter);

/// Counts a finished job, on a cache line of the processor's own.
void meter_count(meter *meter);

/// Jobs counted so far.
uint64_t meter_total(const meter *meter);

/// Keeps the moment at which the job of a slot was submitted.
void meter_submitted(meter *meter, uint32_t slot);

/// Replaces it by the time that has passed since then.
void meter_started(meter *meter, uint32_t slot);

/// The time that `meter_started` kept, in nanoseconds.
uint64_t meter_wait(const meter *meter, uint32_t slot);

/// Keeps the latest moment of all calls.
void meter_ended(meter *meter);
uint64_t meter_end(const meter *meter);

/// Nanoseconds of the monotonic clock.
uint64_t meter_now(void);

/// Keeps the processor busy for so many rounds; `meter_calibrate` tells how many a microsecond takes.
void meter_spin(uint32_t rounds);
uint32_t meter_calibrate(void);

/// Processor time that this process has used, user and system, in nanoseconds.
uint64_t meter_processor_time(void);

/// The same for this process's children that have ended.
uint64_t meter_children_time(void);

/// Processor time that the whole machine has used, this process included, and that its host has kept from it, in
/// nanoseconds, to within a clock tick for each processor.
uint64_t meter_machine_time(void);

#endif
