// hidden · w_down of one expert's rows. STORE_SUMS receives a work-item's sums of a row: with SINGLE_ROW four columns,
// else eight.
#define ROWS TILE_ROW_COUNT
#include "experts.cl"

#if SINGLE_ROW

#define DOWN_LOCAL __local float4 partial[8 * SLICES];
#define DOWN(expert)                                                                                                   \
    const int row = expert_offsets[expert], column0 = get_group_id(0) * 32, column = column0 + 4 * get_local_id(0);    \
    const int depth = row < expert_offsets[(expert) + 1] ? N : 0;                                                      \
    const float4 sums = multiply_row(                                                                                  \
        hidden + (size_t)row * N, w_down + (size_t)(expert)*N * K + column0, K, depth, K - column0, partial);          \
    if (get_local_id(1) == 0 && depth > 0) STORE_SUMS(expert_slots[row], column, sums)

#else

#define DOWN_LOCAL                                                                                                     \
    __local float rowTile[DEPTH * TILE_ROWS] __attribute__((aligned(32)));                                             \
    __local float columnTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));                                       \
    __local int places[TILE_ROWS];
#define DOWN(expert)                                                                                                   \
    const int row0 = expert_offsets[expert] + get_group_id(1) * TILE_ROWS, end = expert_offsets[(expert) + 1];         \
    const int column0 = get_group_id(0) * TILE_COLUMNS, itemX = get_local_id(0), itemY = get_local_id(1);              \
    const int depth = row0 < end ? N : 0;                                                                              \
    find_places(places, expert_slots, row0, end, 0, 8 * itemY + itemX);                                                \
    float8 sums[ROWS];                                                                                                 \
    _Pragma("unroll") for (int r = 0; r < ROWS; ++r) sums[r] = (float8)(0.0f);                                         \
    multiply_streams(                                                                                                  \
        sums, hidden, places, N, w_down + (size_t)(expert)*N * K + column0, K, depth, K - column0, rowTile,            \
        columnTile);                                                                                                   \
    _Pragma("unroll") for (int r = 0; r < ROWS; ++r) {                                                                 \
        const int row = row0 + itemY * ROWS + r;                                                                       \
        if (row < end) STORE_SUMS(expert_slots[row], column0, sums[r])                                                 \
    }

#endif
