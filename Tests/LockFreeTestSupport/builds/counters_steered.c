#define HS_BUILD(name) hs_counters_steered_##name
#include "counters_build.h"
