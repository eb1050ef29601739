#include "spmm/dense/dense.bindings.h"
#include "joulemark_tile.h"
#include "joulemark_product.h"
#include "../columns.h"

// The product that sparsity must beat: the one of matmul, which reaches what BLAS libraries do, with rows shared out to
// threads before columns, since there are more of them here.

#define dense_rows JM(dense_rows)
#define row_dot JM(row_dot)

/// A work-group's rows but for the last's, a whole number of tiles.
JM_INLINE int dense_rows(const joulemark_call *call, int rows) {
    const int groups = (int)call->workGroups[0];
    return ((rows + groups - 1) / groups + JM_TILE_ROWS - 1) / JM_TILE_ROWS * JM_TILE_ROWS;
}

/// A row of a times a vector: memory's speed, four sums at a time.
JM_INLINE float row_dot(const jm_stored *a, const jm_stored *b, int count) {
    jm_vec sums[4] = {{0}};
    int i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int v = 0; v < 4; v++) sums[v] += jm_read(a + i + v * JM_LANES) * jm_read(b + i + v * JM_LANES);
    }
    float sum = jm_horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < count; i++) sum += jm_read_one(a + i) * jm_read_one(b + i);
    return sum;
}

JOULEMARK_STAGE(4 * jm_product_floats(call, spmm_shape_of(call).columns, call->workGroups[1], 1)) {
    const spmm_shape shape = spmm_shape_of(call);
    const jm_stored *b = jm_tensors_of(call)->b;
    const int groupRows = dense_rows(call, shape.rows);
    const int first = (int)x * groupRows, end = spmm_smaller(first + groupRows, shape.rows);
    if (first >= end) return;
    const jm_stored *a = jm_tensors_of(call)->a_dense + (ptrdiff_t)first * shape.depth;
    jm_stored *c = jm_tensors_of(call)->c + (ptrdiff_t)first * shape.columns;
    if (shape.columns == 1) {
        for (int row = 0; row < end - first; row++)
            jm_write_one(c + row, row_dot(a + (ptrdiff_t)row * shape.depth, b, shape.depth));
        return;
    }
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.columns, y, call->workGroups[1]);
    jm_product_block(a, b, c, end - first, shape.depth, shape.columns, group, jm_block_rows(call), scratch);
}
