// c = a · b with b in blocks of 32 weights of 4 bits, [column][block] of four words, and a scale a block. Many rows:
// blocks become floats on their way to local memory, and the tiles are those of any product. One row: a work-group of
// 64 has four columns; a work-item takes every 64th block of each, 16 bytes at once, and its activations, read once for
// the four.
#define DEPTH 32  // a block
#include "../../opencl/products.cl"

// The eight weights of a word, still 8 too large.
static inline float8 weights_of(uint word) {
    return convert_float8(((uint8)(word) >> (uint8)(0, 4, 8, 12, 16, 20, 24, 28)) & 15u);
}

#if SINGLE_ROW

#define COLUMNS 4

static inline float sum_of(float8 v) {
    const float4 pairs = v.lo + v.hi;
    return (pairs.x + pairs.y) + (pairs.z + pairs.w);
}

JOULEMARK_STAGE {
    __local float4 partial[64];
    const int item = get_local_id(0), column0 = get_group_id(0) * COLUMNS, blocks = K / 32;
    float sums[COLUMNS] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int block = item; block < blocks; block += 64) {
        float8 activations[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) activations[i] = LOAD8(a, block * 32 + 8 * i);
        const float offset = 8.0f * sum_of((activations[0] + activations[1]) + (activations[2] + activations[3]));
#pragma unroll
        for (int n = 0; n < COLUMNS; ++n) {
            const size_t place = (size_t)min(column0 + n, N - 1) * blocks + block;
            const uint4 four = as_uint4(vload4(place, b_q4));
            float8 products = weights_of(four.x) * activations[0];
            products = mad(weights_of(four.y), activations[1], products);
            products = mad(weights_of(four.z), activations[2], products);
            products = mad(weights_of(four.w), activations[3], products);
            sums[n] = mad(sum_of(products) - offset, LOAD1(b_q4_scales, place), sums[n]);
        }
    }
    partial[item] = (float4)(sums[0], sums[1], sums[2], sums[3]);
    for (int distance = 32; distance > 0; distance /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < distance) partial[item] += partial[item + distance];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < COLUMNS && column0 + item < N) STORE1(c, column0 + item, ((__local const float *)partial)[item]);
}

#else

// A block of each of 64 columns, as tile[d][column].
static inline void load_blocks(
    __local float *tile, __global const int *words, __global const stored *scales, int blocks, int block, int columns,
    int item) {
    float8 weights[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) weights[i] = (float8)(0.0f);
    if (item < columns) {
        const size_t place = (size_t)item * blocks + block;
        const uint4 four = as_uint4(vload4(place, words));
        const float scale = LOAD1(scales, place);
        weights[0] = (weights_of(four.x) - 8.0f) * scale;
        weights[1] = (weights_of(four.y) - 8.0f) * scale;
        weights[2] = (weights_of(four.z) - 8.0f) * scale;
        weights[3] = (weights_of(four.w) - 8.0f) * scale;
    }
    tile += item;
#pragma unroll
    for (int i = 0; i < 4; ++i, tile += 8 * TILE_COLUMNS) {
        tile[0] = weights[i].s0;
        tile[TILE_COLUMNS] = weights[i].s1;
        tile[2 * TILE_COLUMNS] = weights[i].s2;
        tile[3 * TILE_COLUMNS] = weights[i].s3;
        tile[4 * TILE_COLUMNS] = weights[i].s4;
        tile[5 * TILE_COLUMNS] = weights[i].s5;
        tile[6 * TILE_COLUMNS] = weights[i].s6;
        tile[7 * TILE_COLUMNS] = weights[i].s7;
    }
}

JOULEMARK_STAGE {
    __local float rowTile[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float columnTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    __local int places[TILE_ROWS];
    const int column0 = get_group_id(0) * TILE_COLUMNS, row0 = get_group_id(1) * TILE_ROWS, blocks = K / 32;
    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    for (int row = item; row < TILE_ROWS; row += 64) places[row] = row0 + row < M ? row0 + row : -1;
    barrier(CLK_LOCAL_MEM_FENCE);

    float8 sums[ROWS];
    clear_tiles(sums);
    b_q4 += (size_t)column0 * blocks * 4;
    b_q4_scales += (size_t)column0 * blocks;
    for (int block = 0; block < blocks; ++block) {
        load_rows(rowTile, a + block * DEPTH, places, K, DEPTH, item);
        load_blocks(columnTile, b_q4, b_q4_scales, blocks, block, N - column0, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(sums, rowTile + y * ROWS, columnTile, TILE_COLUMNS, DEPTH, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < M) store_row(c + (size_t)row * N + column0, x, sums[r], N - column0);
    }
}

#endif
