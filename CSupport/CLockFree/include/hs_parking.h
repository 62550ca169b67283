/// Where threads without work sleep, and how others wake exactly as many as are needed.
///
/// A consumer that found nothing:             A producer:
///     hs_parking_announce(parking);              make the work visible (push);
///     look at every source of work again;        an SC fence;  (not needed after hs_queue_push)
///     found some: hs_parking_cancel(parking);    if (hs_parking_sleepers(parking) > 0)
///     none: hs_parking_wait(parking, timeout);       hs_parking_wake_one(parking);
///
/// Two numbers live in one 64-bit word: *sleepers*, announced threads that nobody has woken yet, and *wake-ups*,
/// those granted but not yet used. Each announced thread leaves by taking one away from either. `wake_one` turns
/// one sleeper into one wake-up, in a single atomic step, so:
/// - Each `wake_one` that returns true ends exactly one `wait` (or one `cancel`) with true. A producer can count
///   the thread it woke as searching before that thread runs at all.
/// - `sleepers` falls at the moment of the wake-up and not when the thread gets to run. Producers in the time
///   between don't wake for nothing.
///
/// No wake-up is lost, by two arguments.
/// 1. Between announce and push. `announce` is a sequentially consistent (SC) read-modify-write, and the reads of
///    `hs_queue_pop` and `hs_deque_steal` that say "empty" are SC loads after it. On the other side is an SC link
///    (queue), or a store and an SC fence (deque), and then the SC load in `sleepers`. All of them are in one
///    total order. If `sleepers` reads 0, it comes before the announcement, so the push comes before it too, and
///    the second look comes after the announcement: it finds the value, or finds that somebody took it.
/// 2. Between announce and sleep. A wake-up is a number that stays, not an event: `wait` uses one that is there
///    without sleeping, and the futex sleeps only if the kernel, holding its own lock, still reads 0 wake-ups.
///    `wake_one` first raises the number and then wakes: a thread that slept before is woken, a thread that
///    comes after reads the number.
/// A wake-up may be used by a thread that announced itself later than the one it was meant for. That thread
/// looked at all sources after the push, so either it found the work or the work was gone. The kernel may wake
/// the other one too; it finds no wake-up, and sleeps on, inside `wait`.
///
/// Progress    All but `wait` are lock-free; `wake_*` may call the kernel, which does not block them.
/// Limit       65,536 threads and more are fine: both numbers have 32 bits, and never exceed the threads.
#ifndef HS_PARKING_H
#define HS_PARKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hs_parking hs_parking;

/// NULL: no memory.
hs_parking *hs_parking_create(void);

/// No thread may be announced or waiting. NULL is allowed.
void hs_parking_destroy(hs_parking *parking);

/// Says that this thread is about to sleep. It must then look at every source of work again, and afterwards call
/// either `cancel` or `wait`, once.
void hs_parking_announce(hs_parking *parking);

/// Takes the announcement back: the second look found work.
/// True: a wake-up had already been granted to every announced thread, and this thread used up its own.
bool hs_parking_cancel(hs_parking *parking);

/// Sleeps until a wake-up is there for this thread, and uses it: true. False: `timeout_nanoseconds` have passed
/// without one (a negative timeout never passes). Either way the thread is no longer announced. After false, look at
/// the sources of work once more before ending the thread: a producer may have found no sleeper since.
bool hs_parking_wait(hs_parking *parking, int64_t timeout_nanoseconds);

/// Grants a wake-up to one sleeper. False: there is none, and then it costs one load.
bool hs_parking_wake_one(hs_parking *parking);

/// Grants a wake-up to every sleeper, and returns how many there were.
size_t hs_parking_wake_all(hs_parking *parking);

/// The threads that are announced and not yet woken: one SC load.
size_t hs_parking_sleepers(const hs_parking *parking);

#endif
