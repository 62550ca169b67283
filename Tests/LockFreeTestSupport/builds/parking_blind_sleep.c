#define HS_PARKING_PLANT_BLIND_SLEEP
#define HS_BUILD(name) hs_parking_blind_sleep_##name
#include "parking_build.h"
