#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../experts.h"

JOULEMARK_STAGE(
    "moe", "grouped", "up", JM_STORAGE, 5, 5,
    4 * jm_product_floats(call, moe_shape_of(call).hidden, call->workGroups[0], 1)) {
    moe_project(call, (int)y, x, scratch);
}
