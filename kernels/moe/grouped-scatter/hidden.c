#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../experts.h"
#include "../hidden.h"

JOULEMARK_STAGE(
    "moe", "grouped-scatter", "hidden", JM_STORAGE, 6, 5,
    4 * jm_product_floats(call, moe_shape_of(call).hidden, call->workGroups[0], 2)) {
    moe_hidden(call, (int)y, x, scratch);
}
