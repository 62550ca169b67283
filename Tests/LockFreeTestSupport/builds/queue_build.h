/* Compiles queue.c once more, under other names and with the macros that the includer defines. */
#define hs_queue_create HS_BUILD(create)
#define hs_queue_destroy HS_BUILD(destroy)
#define hs_queue_push HS_BUILD(push)
#define hs_queue_pop HS_BUILD(pop)
#define hs_queue_count HS_BUILD(count)
#define hs_queue_is_empty HS_BUILD(is_empty)
#define hs_queue_capacity HS_BUILD(capacity)

#include "../operations.h"
#include "../visits.h"
#include "../../../CSupport/CLockFree/queue.c"

const hs_queue_operations HS_BUILD(operations) = {
    .create = hs_queue_create,
    .destroy = hs_queue_destroy,
    .push = hs_queue_push,
    .pop = hs_queue_pop,
};
