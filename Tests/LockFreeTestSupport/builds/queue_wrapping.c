#define HS_QUEUE_FIRST_TAG (UINT32_MAX - 7u)
#define HS_BUILD(name) hs_queue_wrapping_##name
#include "queue_build.h"
