// c = a · b with operands as they are stored: the body of the stages f32 and f16.
#include "joulemark_tile.h"
#include "joulemark_product.h"

#define product_block JM(product_block)

/// The work-group's columns, for its block of rows.
JM_INLINE void product_block(const joulemark_call *call, uint32_t x, uint32_t y, float *scratch) {
    const int rowCount = call->arguments[0].integer, columns = call->arguments[1].integer;
    const int depth = call->arguments[2].integer;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, columns, x, call->workGroups[0]);
    if (group.panels == 0) return;
    const int firstRow = (int)y * JM_BLOCK_ROWS;
    const int count = rowCount - firstRow < JM_BLOCK_ROWS ? rowCount - firstRow : JM_BLOCK_ROWS;
    const jm_stored *a = (const jm_stored *)call->buffers[0] + (ptrdiff_t)firstRow * depth, *b = call->buffers[1];
    jm_stored *c = (jm_stored *)call->buffers[2] + (ptrdiff_t)firstRow * columns + group.first;
    if (count == 1) {
        jm_row_product(a, b + group.first, columns, depth, group.count, scratch);
    } else {
        const jm_stored *rows[JM_BLOCK_ROWS];
        for (int row = 0; row < count; row++) rows[row] = a + (ptrdiff_t)row * depth;
        jm_product(rows, count, b, columns, depth, group, scratch + (ptrdiff_t)JM_BLOCK_ROWS * group.stride, scratch);
    }
    for (int row = 0; row < count; row++)
        jm_narrow(c + (ptrdiff_t)row * columns, scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
}
