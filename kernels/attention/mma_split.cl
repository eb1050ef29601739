// One part of the keys that a tile of rows sees: the output before its division, the maximum and the sum.
#include "mma_pass.cl"

JOULEMARK_STAGE {
    LOCAL_TILES;
    MMA_EXCHANGE;
    const int lane = get_local_id(0) % 32, endRow = Lq * GROUP, head = get_group_id(1) * GROUP;
    const int row0 = get_group_id(0) * TILE_ROWS, lastRow = min(row0 + TILE_ROWS, endRow) - 1;
    const size_t keyBase = (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;
    const int seen = first_visible(row0 / GROUP, Lq, Lk, window), end = end_visible(lastRow / GROUP, Lq, Lk, causal);
    const int part = get_group_id(2), parts = get_num_groups(2), share = (max(end - seen, 0) + parts - 1) / parts;
    const int firstKey = min(seen + part * share, end);

    attended rows;
    begin(&rows, tiles, q, head, row0, endRow, Lq);
    attend(
        &rows, tiles, k + keyBase, v + keyBase, firstKey, min(firstKey + share, end), row0, lastRow, Lq, Lk, causal,
        window, scale * LOG2_E, exchange);
    const size_t rowCount = (size_t)B * Hq * Lq;
    partials += part * rowCount * HEAD_SIZE;
    extremes += part * rowCount * 2;
    MMA_LOOP for (int r = 0; r < 2; ++r) {
        const int row = row0 + tile_row(r);
        if (row >= endRow) break;
        const size_t place = row_words(head, row, Lq) / WORDS;
        MMA_LOOP for (int d = 0; d < DEPTH_STEPS; ++d) {
            MMA_LOOP for (int part = 0; part < 2; ++part) {
                const int i = 2 * r + 4 * part, column = 16 * d + MMA_COLUMN(lane, i);
                if (column < HEAD_SIZE)
                    *(__global float2 *)(partials + place * HEAD_SIZE + column) =
                        (float2)(rows.output[d].s[i], rows.output[d].s[i + 1]);
            }
        }
        if (lane % 4 == 0) vstore2((float2)(rows.largest[r], rows.sums[r]), place, extremes);
    }
}
