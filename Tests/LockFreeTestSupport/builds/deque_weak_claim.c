#define HS_DEQUE_CLAIM_ORDER memory_order_release
/* Without visits: they would take so long that the claim is always seen in time. */
#define HS_POINT(point) ((void)0)
#define HS_BUILD(name) hs_deque_weak_claim_##name
#include "deque_build.h"
