// c = a b with all of a's zeros, a tile of 8 * ROWS by 64 a work-group; with few columns (NARROW) a work-group has one
// row and one column, and its work-items read along the row.
#include "../product.cl"

// 16 columns of a at a time: 4 KiB a tile, and 64 bytes of every row, a cache line.
#define DEPTH 16

JOULEMARK_STAGE {
    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
#if NARROW
    __local float parts[64];
    const int row = get_group_id(0), column = get_group_id(1);
    a_dense += (size_t)row * K;
    b += column;
    float4 sum = (float4)(0.0f);
    int k = 4 * item;
    for (; k + 4 <= K; k += 256) {
        __global const stored *right = b + (size_t)k * N;
        const float2 first = (float2)(LOAD1(right, 0), LOAD1(right, (size_t)N));
        const float2 second = (float2)(LOAD1(right, 2 * (size_t)N), LOAD1(right, 3 * (size_t)N));
        sum = mad(LOAD4(a_dense, k), (float4)(first, second), sum);
    }
    for (; k < K; ++k) sum.x = mad(LOAD1(a_dense, k), LOAD1(b, (size_t)k * N), sum.x);
    parts[item] = (sum.x + sum.y) + (sum.z + sum.w);
    for (int width = 32; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < width) parts[item] += parts[item + width];
    }
    if (item == 0) STORE1(c, (size_t)row * N + column, parts[0]);
#else
    __local float left[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    const int row0 = get_group_id(0) * TILE_ROWS, column0 = get_group_id(1) * TILE_COLUMNS;
    a_dense += (size_t)row0 * K;
    b += column0;

    float8 sums[ROWS];
    clear_tiles(sums);
    for (int k = 0; k < K; k += DEPTH) {
        load_left(left, a_dense + k, K, M - row0, K - k, DEPTH, item);
        load_right(right, b + (size_t)k * N, N, K - k, N - column0, DEPTH, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(sums, left + y * ROWS, right, TILE_COLUMNS, DEPTH, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    store_tile(c + (size_t)(row0 + y * ROWS) * N + column0, N, sums, M - row0 - y * ROWS, N - column0, x);
#endif
}
