// Products of matrices of any size, in tiles of 8 * ROWS rows by 64 columns (see tiles.cl).
#include "tiles.cl"

// Steps along the depth at a time: 64 bytes of every row in f32, a cache line.
#ifndef DEPTH
#define DEPTH 16
#endif
#define TILE_ROWS (8 * ROWS)

// Four elements, of which the first `count` are read; the others are 0.
static inline float4 load4_below(__global const stored *from, int count) {
    if (count >= 4) return LOAD4(from, 0);
    float4 values = (float4)(0.0f);
    if (count > 0) values.x = LOAD1(from, 0);
    if (count > 1) values.y = LOAD1(from, 1);
    if (count > 2) values.z = LOAD1(from, 2);
    return values;
}

// Copies DEPTH elements of rows into tile[d][row]. `from` points at their first elements; `places` says which row of
// `from` a row of the tile is, -1 for none. What lies outside is 0.
static inline void load_rows(
    __local float *tile, __global const stored *from, __local const int *places, int stride, int depth, int item) {
    for (int i = item; i < TILE_ROWS * (DEPTH / 4); i += 64) {
        const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4, place = places[row];
        float4 values = (float4)(0.0f);
        if (place >= 0) values = load4_below(from + (size_t)place * stride + d, depth - d);
        tile[d * TILE_ROWS + row] = values.x;
        tile[(d + 1) * TILE_ROWS + row] = values.y;
        tile[(d + 2) * TILE_ROWS + row] = values.z;
        tile[(d + 3) * TILE_ROWS + row] = values.w;
    }
}

// Copies DEPTH rows of 64 columns into tile[d][column]; beyond `depth` rows and `columns` columns it is 0.
static inline void load_columns(
    __local float *tile, __global const stored *from, int stride, int depth, int columns, int item) {
    for (int i = item; i < DEPTH * (TILE_COLUMNS / 4); i += 64) {
        const int d = i / (TILE_COLUMNS / 4), column = i % (TILE_COLUMNS / 4) * 4;
        float4 values = (float4)(0.0f);
        if (d < depth) values = load4_below(from + (size_t)d * stride + column, columns - column);
        *(__local float4 *)(tile + d * TILE_COLUMNS + column) = values;
    }
}

// sums += rows of `left` times columns of `right`, `depth` steps. `left` and `right` point at the tile's first
// elements, the tiles in local memory hold DEPTH * TILE_ROWS and DEPTH * TILE_COLUMNS floats.
INLINED void multiply_streams(
    float8 sums[ROWS], __global const stored *left, __local const int *places, int leftStride,
    __global const stored *right, int rightStride, int depth, int columns, __local float *rowTile,
    __local float *columnTile) {
    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    for (int d0 = 0; d0 < depth; d0 += DEPTH) {
        load_rows(rowTile, left + d0, places, leftStride, depth - d0, item);
        load_columns(columnTile, right + (size_t)d0 * rightStride, rightStride, depth - d0, columns, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(sums, rowTile + y * ROWS, columnTile, TILE_COLUMNS, DEPTH, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

// Stores a work-item's 8 columns of a row that has `columns` left.
static inline void store_row(__global stored *to, int x, float8 values, int columns) {
    if (columns >= TILE_COLUMNS) {
        STORE_COLUMNS(to, x, values, TILE_COLUMNS);
        return;
    }
    float elements[8];
    vstore8(values, 0, elements);
#pragma unroll
    for (int e = 0; e < 8; ++e)
        if (COLUMN(x, e) < columns) STORE1(to, COLUMN(x, e), elements[e]);
}

// One row times 32 columns, for which nothing is used twice, so that memory is the limit: a work-group of 8 x SLICES
// has four columns a work-item, and a part of the depth each of its rows, whose sums meet in local memory. `right`
// points at the first of `columns` columns that are left. Slice 0 gets the sums of its work-items' columns.
#define SLICES 32

INLINED float4 multiply_row(
    __global const stored *row, __global const stored *right, int stride, int depth, int columns,
    __local float4 partial[8 * SLICES]) {
    const int x = get_local_id(0), slice = get_local_id(1), column = 4 * x;
#ifdef HOST_PROCESSOR
    // A processor reads runs: one work-item a slice takes all 32 columns of neighbouring rows.
    if (x == 0) {
        const int run = (depth + SLICES - 1) / SLICES, end = min(depth, (slice + 1) * run);
        float8 sums[4] = {(float8)(0.0f), (float8)(0.0f), (float8)(0.0f), (float8)(0.0f)};
        for (int k = slice * run; k < end; ++k) {
            const float8 factor = (float8)(LOAD1(row, k));
            __global const stored *from = right + (size_t)k * stride;
            for (int i = 0; i < 4; ++i) {
                const int rest = columns - 8 * i;
                const float8 values = rest >= 8
                    ? LOAD8(from, 8 * i)
                    : (float8)(load4_below(from + 8 * i, rest), load4_below(from + 8 * i + 4, rest - 4));
                sums[i] = mad(factor, values, sums[i]);
            }
        }
        for (int i = 0; i < 4; ++i) {
            partial[slice * 8 + 2 * i] = sums[i].lo;
            partial[slice * 8 + 2 * i + 1] = sums[i].hi;
        }
    }
#else
    float4 even = (float4)(0.0f), odd = (float4)(0.0f);
    right += column;
    int k = slice;
    for (; k + SLICES < depth; k += 2 * SLICES) {
        even = mad((float4)(LOAD1(row, k)), load4_below(right + (size_t)k * stride, columns - column), even);
        odd = mad(
            (float4)(LOAD1(row, k + SLICES)), load4_below(right + (size_t)(k + SLICES) * stride, columns - column),
            odd);
    }
    if (k < depth) even = mad((float4)(LOAD1(row, k)), load4_below(right + (size_t)k * stride, columns - column), even);
    partial[slice * 8 + x] = even + odd;
#endif
    for (int distance = SLICES / 2; distance > 0; distance /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (slice < distance) partial[slice * 8 + x] += partial[(slice + distance) * 8 + x];
    }
    // That of slice 0 is the sum; the others read their own, which nobody writes any more.
    return partial[slice * 8 + x];
}

// Stores the first `count` of four elements.
static inline void store4_below(__global stored *to, float4 values, int count) {
    if (count >= 4) {
        STORE4(to, 0, values);
        return;
    }
    if (count > 0) STORE1(to, 0, values.x);
    if (count > 1) STORE1(to, 1, values.y);
    if (count > 2) STORE1(to, 2, values.z);
}
