// What dense and bsr share: copying tiles of a and b to local memory, and storing a tile of c, where no size need be a
// multiple of anything. A work-group is 8 x 8.
#include "../opencl/tiles.cl"

#define TILE_ROWS (8 * ROWS)

// tile[d][row] = a[row][d] for `depth` columns, a multiple of 4, of TILE_ROWS rows; beyond `rowCount` and `columnCount`
// 0.
static inline void load_left(
    __local float *tile, __global const stored *a, size_t stride, int rowCount, int columnCount, int depth, int item) {
    for (int i = item; i < TILE_ROWS * (depth / 4); i += 64) {
        const int row = i / (depth / 4), d = i % (depth / 4) * 4;
        float4 values = (float4)(0.0f);
        if (row < rowCount && d + 4 <= columnCount) {
            values = LOAD4(a, row * stride + d);
        } else if (row < rowCount) {
            if (d < columnCount) values.x = LOAD1(a, row * stride + d);
            if (d + 1 < columnCount) values.y = LOAD1(a, row * stride + d + 1);
            if (d + 2 < columnCount) values.z = LOAD1(a, row * stride + d + 2);
        }
        tile[d * TILE_ROWS + row] = values.x;
        tile[(d + 1) * TILE_ROWS + row] = values.y;
        tile[(d + 2) * TILE_ROWS + row] = values.z;
        tile[(d + 3) * TILE_ROWS + row] = values.w;
    }
}

// tile[d][column] = b[d][column] for `depth` rows of TILE_COLUMNS columns; beyond `rowCount` and `columnCount` 0.
static inline void load_right(
    __local float *tile, __global const stored *b, int stride, int rowCount, int columnCount, int depth, int item) {
    for (int i = item; i < depth * (TILE_COLUMNS / 4); i += 64) {
        const int d = i / (TILE_COLUMNS / 4), column = i % (TILE_COLUMNS / 4) * 4;
        float4 values = (float4)(0.0f);
        const size_t place = (size_t)d * stride + column;
        if (d < rowCount && column + 4 <= columnCount) {
            values = LOAD4(b, place);
        } else if (d < rowCount) {
            if (column < columnCount) values.x = LOAD1(b, place);
            if (column + 1 < columnCount) values.y = LOAD1(b, place + 1);
            if (column + 2 < columnCount) values.z = LOAD1(b, place + 2);
        }
        *(__local float4 *)(tile + d * TILE_COLUMNS + column) = values;
    }
}

// ROWS rows of 8 columns; `c` points at the work-item's first row, the tile's first column.
static inline void store_tile(
    __global stored *c, int stride, const float8 sums[ROWS], int rowCount, int columnCount, int item) {
    // All ROWS, so that the loop can be unrolled: sums that a variable indexes lie in memory.
#pragma unroll
    for (int r = 0; r < ROWS; ++r, c += stride) {
        if (r >= rowCount) continue;
        if (columnCount >= TILE_COLUMNS) {
            STORE_COLUMNS(c, item, sums[r], TILE_COLUMNS);
        } else {
            float elements[8];
            vstore8(sums[r], 0, elements);
#pragma unroll
            for (int e = 0; e < 8; ++e)
                if (COLUMN(item, e) < columnCount) STORE1(c, COLUMN(item, e), elements[e]);
        }
    }
}
