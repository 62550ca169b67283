#define HS_BUILD(name) hs_queue_steered_##name
#include "queue_build.h"
