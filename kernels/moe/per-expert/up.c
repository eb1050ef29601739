#include "moe/per-expert/up.bindings.h"
#include "../experts.h"
#include "../project.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, moe_shape_of(call).hidden, call->workGroups[0], 1)) {
    moe_project(
        call,
        moe_active_expert(jm_tensors_of(call)->expert_offsets, jm_arguments_of(call)->E, jm_arguments_of(call)->index),
        x, jm_tensors_of(call)->w_up, jm_tensors_of(call)->up, scratch);
}
