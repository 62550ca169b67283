/* Compiles completions.c once more, under other names and with the macros that the includer defines. */
#define hs_completions_create HS_BUILD(create)
#define hs_completions_destroy HS_BUILD(destroy)
#define hs_completions_push HS_BUILD(push)
#define hs_completions_take HS_BUILD(take)

#include "../operations.h"
#include "../visits.h"
#include "../../../CSupport/CLockFree/completions.c"

const hs_completions_operations HS_BUILD(operations) = {
    .create = hs_completions_create,
    .destroy = hs_completions_destroy,
    .push = hs_completions_push,
    .take = hs_completions_take,
};
