#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../experts.h"
#include "../activate.h"

JOULEMARK_STAGE("moe", "per-expert", "activate", JM_STORAGE, 4, 6, 0) {
    const size_t hidden = (size_t)moe_shape_of(call).hidden;
    const int32_t *offsets = call->buffers[2];
    const moe_rows range = moe_rows_of(offsets, moe_active_expert(offsets, call->arguments[5].integer));
    moe_activate(call, (size_t)range.first * hidden, (size_t)range.end * hidden, x);
}
