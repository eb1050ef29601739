#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../columns.h"

// The product that sparsity must beat, blocked as Goto and van de Geijn 2008 do. A panel of b, DEPTH × JM_TILE_LANES (24 KiB),
// stays in the first-level cache while all rows of the work-group go by. Rows of a are read where they lie, JM_TILE_ROWS at a
// time, each as a stream of DEPTH elements: copying them into tiles first would cost a tenth of the time at 256 columns.
#undef DEPTH
#if defined(JM_STORES_F16)
#define DEPTH(shape) ((shape).depth)  // and the group's rows of a are copied to floats
#else
#define DEPTH(shape) (6144 / JM_TILE_LANES)
#endif
#define GROUP_COLUMNS 256
#define GROUP_ROWS(shape, call) (((shape).rows + (int)(call)->workGroups[0] - 1) / (int)(call)->workGroups[0])

#define dense_tile JM(dense_tile)
#define dense_panel JM(dense_panel)
#define row_dot JM(row_dot)

/// Rows of a from `row` on times a packed panel, stored (`isFirst`) or added to `width` columns of c.
JM_INLINE void dense_tile(
    const int rows, const int vectors, const float *a, ptrdiff_t aStride, const float *panel, int depth, int isFirst,
    jm_stored *c, ptrdiff_t stride, int width) {
    jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
    jm_tile_clear(rows, vectors, sums);
    jm_tile_product(rows, vectors, a, aStride, 1, panel, vectors * JM_LANES, depth, sums);
    JM_UNROLL for (int row = 0; row < rows; row++, c += stride) {
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            const int count = width - v * JM_LANES;
            jm_vec sum = sums[row * vectors + v];
            if (!isFirst) sum += jm_read_some(c + v * JM_LANES, count);
            jm_write_some(c + v * JM_LANES, sum, count);
        }
    }
}

/// `rows` rows of a times a packed panel.
JM_INLINE void dense_panel(
    const int vectors, const float *a, ptrdiff_t aStride, const float *panel, int rows, int depth, int isFirst,
    jm_stored *c,
    ptrdiff_t stride, int width) {
    int row = 0;
    for (; row + JM_TILE_ROWS <= rows; row += JM_TILE_ROWS)
        dense_tile(
            JM_TILE_ROWS, vectors, a + row * aStride, aStride, panel, depth, isFirst, c + row * stride, stride, width);
    for (; row < rows; row++)
        dense_tile(1, vectors, a + row * aStride, aStride, panel, depth, isFirst, c + row * stride, stride, width);
}

/// A row of a times a vector: memory's speed, four sums at a time.
JM_INLINE float row_dot(const jm_stored *a, const jm_stored *b, int count) {
    jm_vec sums[4] = {{0}};
    int i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int v = 0; v < 4; v++) 
            sums[v] += jm_read(a + i + v * JM_LANES) * jm_read(b + i + v * JM_LANES);
    }
    float sum = jm_horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < count; i++) sum += jm_read_one(a + i) * jm_read_one(b + i);
    return sum;
}

JOULEMARK_STAGE(
    "spmm", "dense", "dense", JM_STORAGE, 3, 6, 4 * ((size_t)DEPTH(spmm_shape_of(call)) * JM_TILE_LANES + JM_SPACE(GROUP_ROWS(spmm_shape_of(call), call) * spmm_shape_of(call).depth))) {
    const spmm_shape shape = spmm_shape_of(call);
    const jm_stored *a = call->buffers[0], *b = call->buffers[1];
    jm_stored *c = call->buffers[2];
    float *panel = scratch, *copy = panel + (ptrdiff_t)DEPTH(shape) * JM_TILE_LANES;
    const int groupRows = GROUP_ROWS(shape, call);
    const int first = (int)x * groupRows, end = spmm_smaller(first + groupRows, shape.rows);
    if (shape.columns == 1) {
        for (int row = first; row < end; row++)
            jm_write_one(c + row, row_dot(a + (ptrdiff_t)row * shape.depth, b, shape.depth));
        return;
    }
    if (first >= end) return;
    const float *rows =
        jm_in_floats(a + (ptrdiff_t)first * shape.depth, (size_t)(end - first) * (size_t)shape.depth, copy);
    const int endColumn = spmm_smaller(((int)y + 1) * GROUP_COLUMNS, shape.columns);
    for (int start = 0; start < shape.depth; start += DEPTH(shape)) {
        const int depth = spmm_smaller(DEPTH(shape), shape.depth - start);
        for (int column = (int)y * GROUP_COLUMNS; column < endColumn;) {
            const int left = (endColumn - column + JM_LANES - 1) / JM_LANES;
            // Four vectors are better cut in two halves than into three and one.
            const int vectors = left >= JM_TILE_VECTORS && left != 4 ? JM_TILE_VECTORS : left >= 2 ? 2 : 1;
            const int width = vectors * JM_LANES, real = spmm_smaller(width, endColumn - column);
            jm_stored *to = c + (ptrdiff_t)first * shape.columns + column;
            spmm_pack(b + (ptrdiff_t)start * shape.columns + column, shape.columns, depth, real, width, panel);
            if (vectors == JM_TILE_VECTORS)
                dense_panel(JM_TILE_VECTORS, rows + start, shape.depth, panel, end - first, depth, start == 0, to, shape.columns, real);
            else if (vectors == 2) dense_panel(2, rows + start, shape.depth, panel, end - first, depth, start == 0, to, shape.columns, real);
            else dense_panel(1, rows + start, shape.depth, panel, end - first, depth, start == 0, to, shape.columns, real);
            column += real;
        }
    }
}
