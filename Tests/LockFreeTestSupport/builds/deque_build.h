/* Compiles deque.c once more, under other names and with the macros that the includer defines. */
#define hs_deque_create HS_BUILD(create)
#define hs_deque_destroy HS_BUILD(destroy)
#define hs_deque_push HS_BUILD(push)
#define hs_deque_pop HS_BUILD(pop)
#define hs_deque_steal HS_BUILD(steal)
#define hs_deque_count HS_BUILD(count)

#include "../operations.h"
#include "../visits.h"
#include "../../../CSupport/CLockFree/deque.c"

const hs_deque_operations HS_BUILD(operations) = {
    .create = hs_deque_create,
    .destroy = hs_deque_destroy,
    .push = hs_deque_push,
    .pop = hs_deque_pop,
    .steal = hs_deque_steal,
};
