/* Compiles counters.c once more, under other names and with the macros that the includer defines. */
#define hs_counters_create HS_BUILD(create)
#define hs_counters_destroy HS_BUILD(destroy)
#define hs_counters_row_of HS_BUILD(row_of)
#define hs_counters_sum HS_BUILD(sum)

#include "../visits.h"
#define HS_COUNTERS_POINT HS_POINT(HS_COUNTERS_ADDS)
#include "../operations.h"
#include "../../../CSupport/CLockFree/counters.c"

const hs_counters_operations HS_BUILD(operations) = {
    .create = hs_counters_create,
    .destroy = hs_counters_destroy,
    .row_of = hs_counters_row_of,
    .add = hs_counters_add,
    .store = hs_counters_store,
    .load = hs_counters_load,
    .sum = hs_counters_sum,
};
