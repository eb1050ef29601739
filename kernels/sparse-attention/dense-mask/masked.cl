// Dense attention that knows nothing of its mask but the bits: all tiles are computed, and what is hidden weighs
// nothing.
#include "../sparse.cl"

JOULEMARK_STAGE {
    LOCAL_QUERIES;
    LOCAL_WEIGHTS;
    LOCAL_STAGE;

    const int x = get_local_id(0), y = get_local_id(1);
    const int row0 = get_group_id(0) * TILE_ROWS, endRow = Lq * GROUP, head = get_group_id(1) * GROUP;
    k += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;
    v += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;

    gathered rows;
    clear(&rows);
    load_queries(queries, q, head, row0, endRow, Lq, scale * LOG2_E, 8 * y + x);
    for (int key0 = 0; key0 < Lk; key0 += TILE_COLUMNS)
        attend_tile(&rows, queries, weights, stage, k, v, mask_bits, 1, key0, row0, endRow, Lk, x, y);
    store_rows(&rows, stage, o, head, row0, endRow, Lq, x, y);
}
