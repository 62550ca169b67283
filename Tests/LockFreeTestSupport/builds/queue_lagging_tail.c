#define HS_QUEUE_PLANT_LAGGING_TAIL
#define HS_BUILD(name) hs_queue_lagging_tail_##name
#include "queue_build.h"
