#include "sparse-attention/dense-mask/masked.bindings.h"
#include "joulemark_tile.h"
#include "../sparse.h"

// Dense attention that knows nothing of its mask but the bits: all blocks are computed, and what is hidden weighs
// nothing.
JOULEMARK_STAGE(4 * TILES_FLOATS(attention_shape_of(call).headSize)) {
    const sparse_operands operands = sparse_operands_of(call, y);
    const int size = operands.shape.headSize, length = operands.shape.keyLength;
    const row_mask mask = {(const uint32_t *)jm_tensors_of(call)->mask_bits, (length + 31) / 32};
    const int firstRow = (int)x * FLASH_GROUP_ROWS;
    row_tiles group;
    load_tiles(
        &group, &operands.shape, HEADS_TOGETHER, operands.queries, firstRow,
        attention_clamp(firstRow + FLASH_GROUP_ROWS, 0, operands.rows), operands.scale, scratch);
    for (int block = 0; block < length; block += BLOCK_KEYS) {
        const int end = block + BLOCK_KEYS < length ? block + BLOCK_KEYS : length;
        load_block(&group, operands.keys, operands.values, size, block, end);
        for (query_tile *tile = group.tiles; tile < group.tiles + group.count; tile++)
            attend_block(&group, tile, size, block, end, &mask);
    }
    store_tiles(&group, &operands);
}
