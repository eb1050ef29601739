// Dense attention that leaves out tiles of which the mask shows nothing, and reads the bits only of those that it shows
// in part.
#include "../sparse.cl"

JOULEMARK_STAGE {
    LOCAL_QUERIES;
    LOCAL_WEIGHTS;
    LOCAL_STAGE;

    const int x = get_local_id(0), y = get_local_id(1);
    const int row0 = get_group_id(0) * TILE_ROWS, endRow = Lq * GROUP, head = get_group_id(1) * GROUP;
    k += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;
    v += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;
    classes += get_group_id(0) * (size_t)((Lk + 1023) / 1024);

    gathered rows;
    clear(&rows);
    load_queries(queries, q, head, row0, endRow, Lq, scale * LOG2_E, 8 * y + x);
    for (int key0 = 0; key0 < Lk; key0 += TILE_COLUMNS) {
        const uint class = classes[key0 / 1024] >> (key0 / 32 % 32) & 3;
        if (class != 0)
            attend_tile(&rows, queries, weights, stage, k, v, mask_bits, class == 1, key0, row0, endRow, Lk, x, y);
    }
    store_rows(&rows, stage, o, head, row0, endRow, Lq, x, y);
}
