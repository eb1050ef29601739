#include "attention/flash-split-kv/split.bindings.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../flash_rows.h"

// A part of the keys that the rows see: the output before its division, the maximum and the sum.
JOULEMARK_STAGE(4 * flash_floats(call)) {
    const attention_shape shape = attention_shape_of(call);
    const ptrdiff_t rows = (ptrdiff_t)shape.batch * shape.queryHeads * shape.queryLength;
    const flash_target part = {
        .partials = jm_tensors_of(call)->partials + (ptrdiff_t)z * rows * shape.headSize,
        .extremes = jm_tensors_of(call)->extremes + (ptrdiff_t)z * rows * 2};
    flash_rows(call, HEADS_TOGETHER, x, y, (int)z, (int)call->workGroups[2], part, scratch);
}
