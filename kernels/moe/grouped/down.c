#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../experts.h"

JOULEMARK_STAGE(
    "moe", "grouped", "down", JM_STORAGE, 5, 5,
    4 * jm_product_floats(call, moe_shape_of(call).size, call->workGroups[0], 1)) {
    moe_down(call, (int)y, x, scratch);
}
