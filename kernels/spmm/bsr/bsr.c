#include "spmm/bsr/bsr.bindings.h"
#include "joulemark_tile.h"
#include "../columns.h"

// Each block is a small dense product: its rows in tiles of JM_TILE_ROWS times JM_TILE_LANES columns of b, whose
// `block` rows (3 KiB for 32 × 24) stay in the first-level cache for all tiles. The sums of a row of blocks lie in that
// cache too, between blocks: loading and storing 12 vectors for 12 · 32 multiply-adds. Of one column, a row of a block
// is a dot product.

#define block_times_panel JM(block_times_panel)
#define strip JM(strip)
#define block_rows_times_vector JM(block_rows_times_vector)

/// sums[row][…] += block · panel, for all rows of a block.
JM_INLINE void block_times_panel(const int vectors, const float *elements, int block, const float *panel, float *rows) {
    const int width = vectors * JM_LANES;
    for (int row = 0; row < block; row += JM_TILE_ROWS) {
        jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
        float *to = rows + row * width;
        JM_UNROLL for (int i = 0; i < JM_TILE_ROWS * vectors; i++) sums[i] = jm_load(to + i * JM_LANES);
        jm_tile_product(JM_TILE_ROWS, vectors, elements + row * block, block, 1, panel, width, block, sums);
        JM_UNROLL for (int i = 0; i < JM_TILE_ROWS * vectors; i++) jm_store(to + i * JM_LANES, sums[i]);
    }
}

/// Rows of blocks from `first` to `end` times `vectors` vectors of columns from `column` on.
JM_INLINE void strip(
    const int vectors, const joulemark_call *call, const spmm_shape *shape, int first, int end, int column,
    float *room) {
    const int32_t *offsets = jm_tensors_of(call)->a_bsr_indptr, *indices = jm_tensors_of(call)->a_bsr_indices;
    const jm_stored *elements = jm_tensors_of(call)->a_bsr_data, *b = jm_tensors_of(call)->b;
    jm_stored *c = jm_tensors_of(call)->c;
    const int block = shape->block, width = vectors * JM_LANES, real = spmm_smaller(width, shape->columns - column);
    float *rows = room, *copy = rows + block * width, *panel = copy + JM_SPACE(block * block);
    spmm_pack(b + column, shape->columns, shape->depth, real, width, panel);
    const int beyond = (shape->depth + block - 1) / block * block;
    for (int i = shape->depth * width; i < beyond * width; i++) panel[i] = 0;

    for (int blockRow = first; blockRow < end; blockRow++) {
        for (int i = 0; i < block * width; i++) rows[i] = 0;
        for (int place = offsets[blockRow]; place < offsets[blockRow + 1]; place++)
            block_times_panel(
                vectors, jm_in_floats(elements + (ptrdiff_t)place * block * block, (size_t)(block * block), copy),
                block, panel + (ptrdiff_t)indices[place] * block * width, rows);
        for (int row = 0; row < block && blockRow * block + row < shape->rows; row++) {
            jm_stored *to = c + ((ptrdiff_t)blockRow * block + row) * shape->columns + column;
            JM_UNROLL for (int v = 0; v < vectors; v++)
                jm_write_some(to + v * JM_LANES, jm_load(rows + row * width + v * JM_LANES), real - v * JM_LANES);
        }
    }
}

/// Rows of blocks times a vector, which is padded to whole blocks in `room`.
static void block_rows_times_vector(
    const joulemark_call *call, const spmm_shape *shape, int first, int end, float *room) {
    const int32_t *offsets = jm_tensors_of(call)->a_bsr_indptr, *indices = jm_tensors_of(call)->a_bsr_indices;
    const jm_stored *elements = jm_tensors_of(call)->a_bsr_data, *b = jm_tensors_of(call)->b;
    jm_stored *c = jm_tensors_of(call)->c;
    const int block = shape->block, beyond = (shape->depth + block - 1) / block * block;
    jm_widen(room, b, (size_t)shape->depth);
    for (int i = shape->depth; i < beyond; i++) room[i] = 0;
    for (int blockRow = first; blockRow < end; blockRow++) {
        jm_vec sums[32];
        for (int row = 0; row < block; row++) sums[row] = (jm_vec){0};
        for (int place = offsets[blockRow]; place < offsets[blockRow + 1]; place++) {
            const jm_stored *from = elements + (ptrdiff_t)place * block * block;
            const float *part = room + (ptrdiff_t)indices[place] * block;
            for (int row = 0; row < block; row++, from += block) {
                for (int i = 0; i < block; i += JM_LANES) sums[row] += jm_read(from + i) * jm_load(part + i);
            }
        }
        for (int row = 0; row < block && blockRow * block + row < shape->rows; row++)
            jm_write_one(c + (ptrdiff_t)blockRow * block + row, jm_horizontal_sum(sums[row]));
    }
}

JOULEMARK_STAGE(
    4
    * (JM_TILE_LANES * ((size_t)jm_arguments_of(call)->K + 2 * (size_t)jm_arguments_of(call)->block)
       + JM_SPACE(jm_arguments_of(call)->block * jm_arguments_of(call)->block))) {
    const spmm_shape shape = spmm_shape_of(call);
    const int blockRows = (shape.rows + shape.block - 1) / shape.block;
    const int first = (int)((int64_t)blockRows * x / call->workGroups[0]);
    const int end = (int)((int64_t)blockRows * (x + 1) / call->workGroups[0]);
    if (shape.columns == 1) {
        block_rows_times_vector(call, &shape, first, end, scratch);
        return;
    }
    const int endColumn = spmm_smaller(((int)y + 1) * 96, shape.columns);
    for (int column = (int)y * 96; column < endColumn;) {
        const int left = (endColumn - column + JM_LANES - 1) / JM_LANES;
        // Four vectors are better cut in two halves than into three and one.
        const int vectors = left >= JM_TILE_VECTORS && left != 4 ? JM_TILE_VECTORS : left >= 2 ? 2 : 1;
        if (vectors == JM_TILE_VECTORS) strip(JM_TILE_VECTORS, call, &shape, first, end, column, scratch);
        else if (vectors == 2) strip(2, call, &shape, first, end, column, scratch);
        else strip(1, call, &shape, first, end, column, scratch);
        column += vectors * JM_LANES;
    }
}
