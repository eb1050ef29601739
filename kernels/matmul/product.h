// c = a · b with operands as they are stored: the body of the stages f32 and f16.
#include "joulemark_tile.h"
#include "joulemark_product.h"

#define product_block JM(product_block)

/// The work-group's columns, for its block of rows.
JM_INLINE void product_block(const joulemark_call *call, uint32_t x, uint32_t y, float *scratch) {
    const int rowCount = jm_arguments_of(call)->M, columns = jm_arguments_of(call)->N;
    const int depth = jm_arguments_of(call)->K;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, columns, x, call->workGroups[0]);
    if (group.count == 0) return;
    const int first = (int)y * GROUP_ROWS;
    const int count = rowCount - first < GROUP_ROWS ? rowCount - first : GROUP_ROWS;
    jm_product_block(
        jm_tensors_of(call)->a + (ptrdiff_t)first * depth, jm_tensors_of(call)->b,
        jm_tensors_of(call)->c + (ptrdiff_t)first * columns, count, depth, columns, group, jm_block_rows(call),
        scratch);
}
