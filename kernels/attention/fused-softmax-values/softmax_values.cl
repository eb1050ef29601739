// Softmax and weights times values in one pass over the scores, which come from memory. 8 * ROWS queries a work-group.
#include "../one_pass.cl"

// The 8 scores of a work-item in the tile of keys from key0 on, of `count` that are there.
static inline float8 load_scores(__global const float *line, int x, int count) {
#ifdef HOST_PROCESSOR
    if (count >= TILE_COLUMNS) return LOAD8_F32(line, 8 * x);
#else
    if (count >= TILE_COLUMNS) return (float8)(LOAD4_F32(line, 4 * x), LOAD4_F32(line, 4 * x + 32));
#endif
    float elements[8];
    for (int e = 0; e < 8; ++e) elements[e] = COLUMN(x, e) < count ? line[COLUMN(x, e)] : MASKED;
    return vload8(0, elements);
}

JOULEMARK_STAGE {
    LOCAL_WEIGHTS;
    LOCAL_STAGE;

    const int x = get_local_id(0), y = get_local_id(1);
    const int row0 = get_group_id(0) * TILE_ROWS, head = get_group_id(1), lastRow = min(row0 + TILE_ROWS, Lq) - 1;
    const int endKey = end_visible(lastRow, Lq, Lk, causal);
    scores += ((size_t)head * Lq + row0 + y * ROWS) * Lk;
    v += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;

    gathered rows;
    clear(&rows);
    for (int key0 = first_visible(row0, Lq, Lk, window) / TILE_COLUMNS * TILE_COLUMNS; key0 < endKey;
         key0 += TILE_COLUMNS) {
        float8 tile[ROWS];
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            tile[r] = (float8)(MASKED);
            if (row0 + y * ROWS + r < Lq) tile[r] = load_scores(scores + (size_t)r * Lk + key0, x, Lk - key0) * LOG2_E;
        }
        hide_unseen(tile, key0, endKey, row0, lastRow, Lq, Lk, causal, window, x, y);
        tile_softmax(tile, &rows, weights, stage, x, y);
        tile_values(&rows, weights, stage, v, (int2)(key0, endKey), min(TILE_COLUMNS, endKey - key0), x, y);
    }
    store_rows(&rows, stage, o, head, row0, Lq, Lq, x, y);
}
