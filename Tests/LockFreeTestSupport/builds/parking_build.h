/* Compiles parking.c once more, under other names and with the macros that the includer defines. */
#define _GNU_SOURCE
#define hs_parking_create HS_BUILD(create)
#define hs_parking_destroy HS_BUILD(destroy)
#define hs_parking_announce HS_BUILD(announce)
#define hs_parking_cancel HS_BUILD(cancel)
#define hs_parking_wait HS_BUILD(wait)
#define hs_parking_wake_one HS_BUILD(wake_one)
#define hs_parking_wake_all HS_BUILD(wake_all)
#define hs_parking_sleepers HS_BUILD(sleepers)

#include "../operations.h"
#include "../visits.h"
#include "../../../CSupport/CLockFree/parking.c"

const hs_parking_operations HS_BUILD(operations) = {
    .create = hs_parking_create,
    .destroy = hs_parking_destroy,
    .announce = hs_parking_announce,
    .cancel = hs_parking_cancel,
    .wait = hs_parking_wait,
    .wake_one = hs_parking_wake_one,
    .wake_all = hs_parking_wake_all,
    .sleepers = hs_parking_sleepers,
};
