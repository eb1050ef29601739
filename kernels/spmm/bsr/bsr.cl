// A work-group has a row of blocks and 64 columns: for each block, the block and BLOCK rows of b are multiplied from
// local memory. With few columns (NARROW) it has one column: work-items read a block's elements side by side, each
// always in the same column of the block, and keep a sum for each of their rows.
#include "../product.cl"

#define SUMS (BLOCK * BLOCK / 64)

JOULEMARK_STAGE {
    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    const int blockRow = get_group_id(0), row0 = blockRow * BLOCK;
    const int end = a_bsr_indptr[blockRow + 1];
#if NARROW
    __local float parts[BLOCK * (BLOCK + 1)];
    const int column = get_group_id(1), inner = item % BLOCK;
    b += column;
    float sums[SUMS];
#pragma unroll
    for (int i = 0; i < SUMS; ++i) sums[i] = 0.0f;
    for (int place = a_bsr_indptr[blockRow]; place < end; ++place) {
        const int k = a_bsr_indices[place] * BLOCK + inner;
        const float right = k < K ? LOAD1(b, (size_t)k * N) : 0.0f;
        __global const stored *from = a_bsr_data + (size_t)place * (BLOCK * BLOCK);
#pragma unroll
        for (int i = 0; i < SUMS; ++i) sums[i] = mad(LOAD1(from, item + 64 * i), right, sums[i]);
    }
#pragma unroll
    for (int i = 0; i < SUMS; ++i) parts[(item / BLOCK + i * (64 / BLOCK)) * (BLOCK + 1) + inner] = sums[i];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < BLOCK && row0 + item < M) {
        float sum = 0.0f;
        for (int i = 0; i < BLOCK; ++i) sum += parts[item * (BLOCK + 1) + i];
        STORE1(c, (size_t)(row0 + item) * N + column, sum);
    }
#else
    __local float left[BLOCK * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[BLOCK * TILE_COLUMNS] __attribute__((aligned(32)));
    const int column0 = get_group_id(1) * TILE_COLUMNS;
    b += column0;
    float8 sums[ROWS];
    clear_tiles(sums);
    for (int place = a_bsr_indptr[blockRow]; place < end; ++place) {
        const int k = a_bsr_indices[place] * BLOCK;
        load_left(left, a_bsr_data + (size_t)place * (BLOCK * BLOCK), BLOCK, BLOCK, BLOCK, BLOCK, item);
        load_right(right, b + (size_t)k * N, N, K - k, N - column0, BLOCK, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(sums, left + y * ROWS, right, TILE_COLUMNS, BLOCK, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    store_tile(c + (size_t)(row0 + y * ROWS) * N + column0, N, sums, M - row0 - y * ROWS, N - column0, x);
#endif
}
