#define HS_QUEUE_PLANT_LATE_READ
#define HS_BUILD(name) hs_queue_late_read_##name
#include "queue_build.h"
