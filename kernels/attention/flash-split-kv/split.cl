// One part of the keys that a tile of rows sees: the output before its division, the maximum and the sum.
#include "../one_pass.cl"

JOULEMARK_STAGE {
    LOCAL_QUERIES;
    LOCAL_WEIGHTS;
    LOCAL_STAGE;

    const int x = get_local_id(0), y = get_local_id(1);
    const int row0 = get_group_id(0) * TILE_ROWS, endRow = Lq * GROUP, head = get_group_id(1) * GROUP;
    const int lastRow = min(row0 + TILE_ROWS, endRow) - 1, keyHead = head / (Hq / Hkv), part = get_group_id(2);
    k += (size_t)keyHead * Lk * HEAD_SIZE;
    v += (size_t)keyHead * Lk * HEAD_SIZE;

    const int begin = first_visible(row0 / GROUP, Lq, Lk, window);
    const int end = end_visible(lastRow / GROUP, Lq, Lk, causal);
    const int parts = get_num_groups(2), share = (max(end - begin, 0) + parts - 1) / parts;
    const int firstKey = min(begin + part * share, end), endKey = min(firstKey + share, end);

    gathered rows;
    clear(&rows);
    load_queries(queries, q, head, row0, endRow, Lq, scale * LOG2_E, 8 * y + x);
    attend(&rows, queries, weights, stage, k, v, firstKey, endKey, row0, lastRow, Lq, Lk, causal, window, x, y);

    total_sums(&rows, stage, x, y);
    const size_t rowCount = (size_t)B * Hq * Lq;
    partials += part * rowCount * HEAD_SIZE;
    extremes += part * rowCount * 2;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < endRow) {
            const size_t offset = row_offset(head, row, Lq);
#pragma unroll
            for (int c = 0; c < CHUNKS; ++c)
                STORE_COLUMNS_F32_ALIGNED(partials + offset + 64 * c, x, rows.output[c][r], HEAD_SIZE - 64 * c);
            if (x == 0) vstore2((float2)(rows.largest[r], rows.sums[r]), offset / HEAD_SIZE, extremes);
        }
    }
}
