#include "early-exit/compacted/layer.bindings.h"
#include "../../silu.h"
#include "../layer.h"

// Rows are sorted by depth: those in front are still there.
JOULEMARK_STAGE(4 * jm_product_floats(call, jm_arguments_of(call)->D, call->workGroups[0], 1)) {
    const int tokens = jm_arguments_of(call)->T, layer = jm_arguments_of(call)->layer;
    const ptrdiff_t size = jm_arguments_of(call)->D;
    const jm_stored *before = jm_tensors_of(call)->state + (layer & 1) * tokens * size;
    jm_stored *after = jm_tensors_of(call)->state + (~layer & 1) * tokens * size;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, (int)size, x, call->workGroups[0]);
    const int first = (int)y * GROUP_ROWS, there = jm_tensors_of(call)->counts[layer];
    const int count = there - first < GROUP_ROWS ? there - first : GROUP_ROWS;
    if (group.count == 0 || count <= 0) return;
    const jm_stored *rows[GROUP_ROWS];
    jm_stored *targets[GROUP_ROWS], *ends[GROUP_ROWS];
    for (int row = 0; row < count; row++) {
        const int token = jm_tensors_of(call)->places[first + row];
        rows[row] = before + (first + row) * size;
        targets[row] = after + (first + row) * size;
        ends[row] = jm_tensors_of(call)->depth[token] == layer + 1 ? jm_tensors_of(call)->y + token * size : 0;
    }
    exit_layer(
        rows, targets, ends, count, jm_tensors_of(call)->w + layer * size * size, (int)size, group, jm_block_rows(call),
        scratch);
}
