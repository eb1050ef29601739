#include "moe/grouped/gate.bindings.h"
#include "../experts.h"
#include "../project.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, moe_shape_of(call).hidden, call->workGroups[0], 1)) {
    moe_project(call, (int)y, x, jm_tensors_of(call)->w_gate, jm_tensors_of(call)->gate, scratch);
}
