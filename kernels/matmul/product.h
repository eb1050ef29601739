// c = a · b with operands as they are stored: the body of the stages f32 and f16.
#include "joulemark_tile.h"
#include "joulemark_product.h"

#define product_block JM(product_block)

/// The work-group's columns, for its block of rows.
JM_INLINE void product_block(const joulemark_call *call, uint32_t x, uint32_t y, float *scratch) {
    const int rowCount = call->arguments[0].integer, columns = call->arguments[1].integer;
    const int depth = call->arguments[2].integer;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, columns, x, call->workGroups[0]);
    if (group.count == 0) return;
    const int first = (int)y * JM_GROUP_ROWS;
    const int count = rowCount - first < JM_GROUP_ROWS ? rowCount - first : JM_GROUP_ROWS;
    jm_product_block(
        (const jm_stored *)call->buffers[0] + (ptrdiff_t)first * depth, call->buffers[1],
        (jm_stored *)call->buffers[2] + (ptrdiff_t)first * columns, count, depth, columns, group, jm_block_rows(call), scratch);
}
