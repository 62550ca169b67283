#define HS_QUEUE_TAG_STEP 0u
#define HS_BUILD(name) hs_queue_untagged_##name
#include "queue_build.h"
