#define HS_DEQUE_PLANT_IGNORED_LOSS
#define HS_BUILD(name) hs_deque_ignored_loss_##name
#include "deque_build.h"
