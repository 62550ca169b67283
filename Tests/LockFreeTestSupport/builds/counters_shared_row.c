#define HS_COUNTERS_PLANT_SHARED_ROW
#define HS_BUILD(name) hs_counters_shared_row_##name
#include "counters_build.h"
