// gate or up: x · w of one expert's tokens, into rows sorted by expert.
#define ROWS TILE_ROW_COUNT
#include "experts.cl"

#if SINGLE_ROW

INLINED void project(
    __global const stored *x, __global const stored *w, int row, int end, __global const int *slots,
    __global stored *output, int topk, int K, int N, __local float4 *partial) {
    const int column0 = get_group_id(0) * 32, column = 4 * get_local_id(0);
    const int token = row < end ? slots[row] / topk : 0, depth = row < end ? K : 0;
    const float4 sums = multiply_row(x + (size_t)token * K, w + column0, N, depth, N - column0, partial);
    if (get_local_id(1) == 0 && row < end)
        store4_below(output + (size_t)row * N + column0 + column, sums, N - column0 - column);
}

#define PROJECT_LOCAL __local float4 partial[8 * SLICES];
#define PROJECT(expert, weights, output)                                                                               \
    project(                                                                                                           \
        x, weights + (size_t)(expert)*K * N, expert_offsets[expert], expert_offsets[(expert) + 1], expert_slots,       \
        output, topk, K, N, partial)

#else

INLINED void project(
    __global const stored *x, __global const stored *w, int begin, int end, __global const int *slots,
    __global stored *output, int topk, int K, int N, __local float *rowTile, __local float *columnTile,
    __local int *places) {
    const int column0 = get_group_id(0) * TILE_COLUMNS, row0 = begin + get_group_id(1) * TILE_ROWS;
    const int itemX = get_local_id(0), itemY = get_local_id(1);
    find_places(places, slots, row0, end, topk, 8 * itemY + itemX);
    float8 sums[ROWS];
    clear_tiles(sums);
    const int depth = row0 < end ? K : 0;
    multiply_streams(sums, x, places, K, w + column0, N, depth, N - column0, rowTile, columnTile);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + itemY * ROWS + r;
        if (row < end) store_row(output + (size_t)row * N + column0, itemX, sums[r], N - column0);
    }
}

#define PROJECT_LOCAL                                                                                                  \
    __local float rowTile[DEPTH * TILE_ROWS] __attribute__((aligned(32)));                                             \
    __local float columnTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));                                       \
    __local int places[TILE_ROWS];
#define PROJECT(expert, weights, output)                                                                               \
    project(                                                                                                           \
        x, weights + (size_t)(expert)*K * N, expert_offsets[expert], expert_offsets[(expert) + 1], expert_slots,       \
        output, topk, K, N, rowTile, columnTile, places)

#endif
