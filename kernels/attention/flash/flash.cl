// One pass over the keys: 8 * ROWS rows of GROUP heads a work-group.
#include "../one_pass.cl"

JOULEMARK_STAGE {
    LOCAL_QUERIES;
    LOCAL_WEIGHTS;
    LOCAL_STAGE;

    const int x = get_local_id(0), y = get_local_id(1);
    const int row0 = get_group_id(0) * TILE_ROWS, endRow = Lq * GROUP, head = get_group_id(1) * GROUP;
    const int lastRow = min(row0 + TILE_ROWS, endRow) - 1, keyHead = head / (Hq / Hkv);
    k += (size_t)keyHead * Lk * HEAD_SIZE;
    v += (size_t)keyHead * Lk * HEAD_SIZE;

    gathered rows;
    clear(&rows);
    load_queries(queries, q, head, row0, endRow, Lq, scale * LOG2_E, 8 * y + x);
    attend(
        &rows, queries, weights, stage, k, v, first_visible(row0 / GROUP, Lq, Lk, window),
        end_visible(lastRow / GROUP, Lq, Lk, causal), row0, lastRow, Lq, Lk, causal, window, x, y);
    store_rows(&rows, stage, o, head, row0, endRow, Lq, x, y);
}
