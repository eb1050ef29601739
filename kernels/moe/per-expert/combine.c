#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../combine.h"

JOULEMARK_STAGE("moe", "per-expert", "combine", JM_STORAGE, 3, 5, 0) { moe_combine(call, x); }
