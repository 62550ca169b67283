#define HS_BUILD(name) hs_parking_steered_##name
#include "parking_build.h"
