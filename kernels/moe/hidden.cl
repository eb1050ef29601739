// hidden = silu(x · w_gate) · (x · w_up) of one expert's tokens: a tile of x in local memory serves both products,
// whose sums meet in registers. Half as many rows a work-item as one product has, so that both fit them.
#define ROWS HIDDEN_ROW_COUNT
#include "experts.cl"
#include "../silu.cl"

#if SINGLE_ROW

JOULEMARK_STAGE {
    __local float4 partial[8 * SLICES], others[8 * SLICES];
    const int expert = get_group_id(2), row = expert_offsets[expert];
    const int depth = row < expert_offsets[expert + 1] ? K : 0;
    const int column0 = get_group_id(0) * 32, column = column0 + 4 * get_local_id(0);
    const size_t matrix = (size_t)expert * K * N + column0;
    x += (size_t)(depth > 0 ? expert_slots[row] / topk : 0) * K;
    const float4 gates = multiply_row(x, w_gate + matrix, N, depth, N - column0, partial);
    const float4 ups = multiply_row(x, w_up + matrix, N, depth, N - column0, others);
    if (get_local_id(1) == 0 && depth > 0)
        store4_below(hidden + (size_t)row * N + column, silu4(gates) * ups, N - column);
}

#else

JOULEMARK_STAGE {
    __local float rowTile[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float gateTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    __local float upTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    __local int places[TILE_ROWS];
    const int expert = get_group_id(2), row0 = expert_offsets[expert] + get_group_id(1) * TILE_ROWS,
              end = expert_offsets[expert + 1];
    const int column0 = get_group_id(0) * TILE_COLUMNS, itemX = get_local_id(0), itemY = get_local_id(1);
    const int item = 8 * itemY + itemX;
    find_places(places, expert_slots, row0, end, topk, item);

    w_gate += (size_t)expert * K * N + column0;
    w_up += (size_t)expert * K * N + column0;
    float8 gates[ROWS], ups[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) gates[r] = ups[r] = (float8)(0.0f);
    const int depth = row0 < end ? K : 0;
    for (int d0 = 0; d0 < depth; d0 += DEPTH) {
        load_rows(rowTile, x + d0, places, K, K - d0, item);
        load_columns(gateTile, w_gate + (size_t)d0 * N, N, K - d0, N - column0, item);
        load_columns(upTile, w_up + (size_t)d0 * N, N, K - d0, N - column0, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(gates, rowTile + itemY * ROWS, gateTile, TILE_COLUMNS, DEPTH, itemX);
        multiply_tiles(ups, rowTile + itemY * ROWS, upTile, TILE_COLUMNS, DEPTH, itemX);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + itemY * ROWS + r;
        if (row >= end) continue;
        const float8 values = silu8(gates[r]) * ups[r];
        store_row(hidden + (size_t)row * N + column0, itemX, values, N - column0);
    }
}

#endif
