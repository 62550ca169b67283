#define HS_BUILD(name) hs_completions_steered_##name
#include "completions_build.h"
