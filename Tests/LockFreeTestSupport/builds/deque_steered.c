#define HS_BUILD(name) hs_deque_steered_##name
#include "deque_build.h"
