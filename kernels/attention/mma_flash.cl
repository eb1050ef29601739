// One pass over the keys; work-groups with the most keys under a causal mask start first.
#include "mma_pass.cl"

JOULEMARK_STAGE {
    LOCAL_TILES;
    MMA_EXCHANGE;
    const int lane = get_local_id(0) % 32, endRow = Lq * GROUP, head = get_group_id(1) * GROUP;
    const int row0 = (get_num_groups(0) - 1 - get_group_id(0)) * TILE_ROWS, lastRow = min(row0 + TILE_ROWS, endRow) - 1;
    const size_t keyBase = (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;

    attended rows;
    begin(&rows, tiles, q, head, row0, endRow, Lq);
    attend(
        &rows, tiles, k + keyBase, v + keyBase, first_visible(row0 / GROUP, Lq, Lk, window),
        end_visible(lastRow / GROUP, Lq, Lk, causal), row0, lastRow, Lq, Lk, causal, window, scale * LOG2_E, exchange);
    MMA_LOOP for (int r = 0; r < 2; ++r) {
        const int row = row0 + tile_row(r);
        if (row >= endRow) break;
        // A row that sees no key has only ever summed masked scores.
        const float inverse = rows.largest[r] > MASKED ? 1.0f / rows.sums[r] : 0.0f;
        __global uint *to = (__global uint *)o + row_words(head, row, Lq) * 4;
        MMA_LOOP for (int d = 0; d < DEPTH_STEPS; ++d) {
            MMA_LOOP for (int part = 0; part < 2; ++part) {
                const int i = 2 * r + 4 * part, column = 16 * d + MMA_COLUMN(lane, i);
                if (column < HEAD_SIZE)
                    to[column / 2] = mma_stored(rows.output[d].s[i] * inverse, rows.output[d].s[i + 1] * inverse);
            }
        }
    }
}
