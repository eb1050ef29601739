// C * B^T of a chunk, once for all heads of a group: a work-group is 8 * ROWS steps by the 64 steps that they see.
// Tiles that no step sees stay unwritten.
#include "../../opencl/tiles.cl"
#include "../decays.cl"
#include "../chunk.cl"

JOULEMARK_STAGE {
    __local float left[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));

    const int itemX = get_local_id(0), itemY = get_local_id(1), item = 8 * itemY + itemX;
    const int tiles = (CHUNK + TILE_ROWS - 1) / TILE_ROWS;
    const int row0 = get_group_id(0) % tiles * TILE_ROWS, column0 = get_group_id(0) / tiles * TILE_COLUMNS;
    const int group = get_group_id(1), chunk = get_group_id(2) % CHUNKS, batch = get_group_id(2) / CHUNKS;
    const int steps = min(CHUNK, L - chunk * CHUNK), rows = min(TILE_ROWS, steps - row0);
    if (rows <= 0 || column0 >= row0 + rows) return;
    const size_t projectionRow = (size_t)G * STATE_SIZE;
    const size_t start = (((size_t)batch * L + chunk * CHUNK) * G + group) * STATE_SIZE;
    Bm += start + column0 * projectionRow;
    Cm += start + row0 * projectionRow;
    products += ((((size_t)batch * CHUNKS + chunk) * G + group) * CHUNK + row0 + itemY * ROWS) * PRODUCT_ROW + column0;

    float8 sums[ROWS];
    clear_tiles(sums);
    for (int n0 = 0; n0 < STATE_SIZE; n0 += DEPTH) {
        stage_states(Cm, projectionRow, n0, rows, TILE_ROWS, item, left);
        stage_states(Bm, projectionRow, n0, min(TILE_COLUMNS, steps - column0), TILE_COLUMNS, item, right);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(sums, left + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    EACH_ROW(r, itemY * ROWS + r < rows)
    STORE_COLUMNS_F32_ALIGNED(products + r * PRODUCT_ROW, itemX, sums[r], PRODUCT_ROW - column0);
}
