#define HS_DEQUE_PLANT_IGNORED_RACE
#define HS_BUILD(name) hs_deque_ignored_race_##name
#include "deque_build.h"
