#include "moe/per-expert/down.bindings.h"
#include "../experts.h"
#include "../down.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, moe_shape_of(call).size, call->workGroups[0], 1)) {
    moe_down(
        call,
        moe_active_expert(jm_tensors_of(call)->expert_offsets, jm_arguments_of(call)->E, jm_arguments_of(call)->index),
        x, jm_tensors_of(call)->rows, scratch);
}
