#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../experts.h"

JOULEMARK_STAGE(
    "moe", "per-expert", "up", JM_STORAGE, 5, 6,
    4 * jm_product_floats(call, moe_shape_of(call).hidden, call->workGroups[0], 1)) {
    moe_project(call, moe_active_expert(call->buffers[2], call->arguments[5].integer), x, scratch);
}
