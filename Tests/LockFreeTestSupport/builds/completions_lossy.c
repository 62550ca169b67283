#define HS_COMPLETIONS_PLANT_LOSS
#define HS_BUILD(name) hs_completions_lossy_##name
#include "completions_build.h"
