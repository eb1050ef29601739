#include "sparse-attention/block-list/listed.bindings.h"
#include "joulemark_tile.h"
#include "../sparse.h"

// Walks the blocks of keys that the mask lists for a row of blocks. Blocks beside each other are taken as one run of
// keys, so that a sliding window is walked as in dense attention, and blocks of one element where they form runs.
JOULEMARK_STAGE(4 * TILES_FLOATS(attention_shape_of(call).headSize)) {
    const sparse_operands operands = sparse_operands_of(call, y);
    const attention_shape *shape = &operands.shape;
    const int size = shape->headSize, block = operands.block, blockRows = block * shape->group;
    const int groups = (blockRows + FLASH_GROUP_ROWS - 1) / FLASH_GROUP_ROWS, blockRow = (int)x / groups;
    const int firstRow = blockRow * blockRows + (int)x % groups * FLASH_GROUP_ROWS;
    const int blockEnd = attention_clamp((blockRow + 1) * blockRows, 0, operands.rows);
    if (firstRow >= blockEnd) return;

    row_tiles group;
    load_tiles(
        &group, shape, HEADS_TOGETHER, operands.queries, firstRow,
        attention_clamp(firstRow + FLASH_GROUP_ROWS, 0, blockEnd), operands.scale, scratch);
    const int32_t *starts = jm_tensors_of(call)->mask_indptr, *indices = jm_tensors_of(call)->mask_indices;
    for (int i = starts[blockRow]; i < starts[blockRow + 1];) {
        const int first = indices[i] * block;
        int next = indices[i++] + 1;
        while (i < starts[blockRow + 1] && indices[i] == next) next = indices[i++] + 1;
        attend_tiles(
            &group, operands.keys, operands.values, size, first, attention_clamp(next * block, 0, shape->keyLength));
    }
    store_tiles(&group, &operands);
}
