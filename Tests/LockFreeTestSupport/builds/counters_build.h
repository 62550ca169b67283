/* The counters's source once more, under names of its own, with what the includer defined before. */
#define hs_counters_create HS_BUILD(create)
#define hs_counters_destroy HS_BUILD(destroy)
#define hs_counters_add HS_BUILD(add)
#define hs_counters_sum HS_BUILD(sum)

#include "../operations.h"
#include "../places.h"
#include "../../../CSupport/CLockFree/counters.c"

const hs_counters_operations HS_BUILD(operations) = {
    .create = hs_counters_create,
    .destroy = hs_counters_destroy,
    .add = hs_counters_add,
    .sum = hs_counters_sum,
};
