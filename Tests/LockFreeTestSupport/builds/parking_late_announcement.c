/* The source is unchanged: the operations are sound, but used in the wrong order. */
#include "../operations.h"
#include "../visits.h"

extern const hs_parking_operations hs_parking_steered_operations;
#define sound hs_parking_steered_operations

static hs_parking *create(void) { return sound.create(); }
static void destroy(hs_parking *parking) { sound.destroy(parking); }
static void announce(hs_parking *parking) { (void)parking; }

static bool cancel(hs_parking *parking) {
    (void)parking;
    return false;
}

static bool wait(hs_parking *parking, int64_t timeout_nanoseconds) {
    hs_visit(HS_PARKING_SLEEPS);
    sound.announce(parking);
    return sound.wait(parking, timeout_nanoseconds);
}

static bool wake_one(hs_parking *parking) { return sound.wake_one(parking); }
static size_t wake_all(hs_parking *parking) { return sound.wake_all(parking); }
static size_t sleepers(const hs_parking *parking) { return sound.sleepers(parking); }

const hs_parking_operations hs_parking_late_announcement_operations = {
    .create = create,
    .destroy = destroy,
    .announce = announce,
    .cancel = cancel,
    .wait = wait,
    .wake_one = wake_one,
    .wake_all = wake_all,
    .sleepers = sleepers,
};
