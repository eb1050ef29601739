#include "moe/grouped-swiglu/hidden.bindings.h"
#include "../experts.h"
#include "../hidden.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, moe_shape_of(call).hidden, call->workGroups[0], 2)) {
    moe_hidden(call, (int)y, x, scratch);
}
