#include "moe/grouped-swiglu/down.bindings.h"
#include "../experts.h"
#include "../down.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, moe_shape_of(call).size, call->workGroups[0], 1)) {
    moe_down(call, (int)y, x, jm_tensors_of(call)->rows, scratch);
}
