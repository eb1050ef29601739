// c = a · b with operands as they are stored. Many rows: a tile of 8 * ROWS by 64 a work-group of 8 x 8. One row: 32
// columns a work-group of 8 x 32.
#include "../opencl/products.cl"

#if SINGLE_ROW

JOULEMARK_STAGE {
    __local float4 partial[8 * SLICES];
    const int column0 = get_group_id(0) * 32, column = column0 + 4 * get_local_id(0);
    const float4 sums = multiply_row(a, b + column0, N, K, N - column0, partial);
    if (get_local_id(1) == 0) store4_below(c + column, sums, N - column);
}

#else

JOULEMARK_STAGE {
    __local float rowTile[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float columnTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    __local int places[TILE_ROWS];
    const int column0 = get_group_id(0) * TILE_COLUMNS, row0 = get_group_id(1) * TILE_ROWS;
    const int x = get_local_id(0), y = get_local_id(1);
    for (int row = 8 * y + x; row < TILE_ROWS; row += 64) places[row] = row0 + row < M ? row0 + row : -1;
    barrier(CLK_LOCAL_MEM_FENCE);

    float8 sums[ROWS];
    clear_tiles(sums);
    multiply_streams(sums, a, places, K, b + column0, N, K, N - column0, rowTile, columnTile);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < M) store_row(c + (size_t)row * N + column0, x, sums[r], N - column0);
    }
}

#endif
