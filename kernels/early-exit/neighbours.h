// A layer of tokens in their own order, EXIT_BLOCK neighbours at a time: a block of which none is left is passed over,
// unless it is 0.
#include "../silu.h"
#include "layer.h"

#define exit_neighbours JM(exit_neighbours)

JM_INLINE void exit_neighbours(const joulemark_call *call, uint32_t x, uint32_t y, float *scratch) {
    const int tokens = jm_arguments_of(call)->T, layer = jm_arguments_of(call)->layer;
    const ptrdiff_t size = jm_arguments_of(call)->D;
    const int32_t *depth = jm_tensors_of(call)->depth;
    const jm_stored *before = jm_tensors_of(call)->state + (layer & 1) * tokens * size;
    jm_stored *after = jm_tensors_of(call)->state + (~layer & 1) * tokens * size;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, (int)size, x, call->workGroups[0]);
    if (group.count == 0) return;
    const int first = (int)y * GROUP_ROWS, end = first + GROUP_ROWS < tokens ? first + GROUP_ROWS : tokens;
    const jm_stored *rows[GROUP_ROWS];
    jm_stored *targets[GROUP_ROWS], *ends[GROUP_ROWS];
    int count = 0;
    const int block = EXIT_BLOCK > 0 ? EXIT_BLOCK : GROUP_ROWS;
    for (int start = first; start < end; start += block) {
        const int stop = start + block < end ? start + block : end;
        int isThere = EXIT_BLOCK == 0;
        for (int token = start; token < stop; token++) isThere |= depth[token] > layer;
        for (int token = start; isThere && token < stop; token++, count++) {
            rows[count] = before + token * size;
            targets[count] = after + token * size;
            ends[count] = depth[token] == layer + 1 ? jm_tensors_of(call)->y + token * size : 0;
        }
    }
    if (count > 0)
        exit_layer(
            rows, targets, ends, count, jm_tensors_of(call)->w + layer * size * size, (int)size, group,
            jm_block_rows(call), scratch);
}
