#include "moe/per-expert/activate.bindings.h"
#include "../experts.h"
#include "../activate.h"

JOULEMARK_STAGE(0) {
    const size_t hidden = (size_t)moe_shape_of(call).hidden;
    const int32_t *offsets = jm_tensors_of(call)->expert_offsets;
    const moe_rows range = moe_rows_of(
        offsets, moe_active_expert(offsets, jm_arguments_of(call)->E, jm_arguments_of(call)->index));
    moe_activate(call, (size_t)range.first * hidden, (size_t)range.end * hidden, x);
}
