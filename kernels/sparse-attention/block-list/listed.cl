// Walks the blocks of keys that the mask lists for a row of blocks. What they hold is put side by side, 64 keys a tile,
// whatever the size of a block; a work-group's rows lie in one row of blocks.
#define LISTED_KEYS
#include "../sparse.cl"

JOULEMARK_STAGE {
    LOCAL_QUERIES;
    LOCAL_WEIGHTS;
    LOCAL_STAGE;
    __local int keys[TILE_COLUMNS];

    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    const int tiles = (block * GROUP + TILE_ROWS - 1) / TILE_ROWS, blockRow = get_group_id(0) / tiles;
    const int row0 = blockRow * block * GROUP + get_group_id(0) % tiles * TILE_ROWS;
    const int endRow = min((blockRow + 1) * block, Lq) * GROUP, head = get_group_id(1) * GROUP;
    k += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;
    v += (size_t)(head / (Hq / Hkv)) * Lk * HEAD_SIZE;

    // What any row sees, and what all do.
    const int firstQuery = row0 / GROUP, lastQuery = (min(row0 + TILE_ROWS, endRow) - 1) / GROUP;
    const int firstKey = first_visible(firstQuery, Lq, Lk, window), endKey = end_visible(lastQuery, Lq, Lk, causal);
    const int lastFirst = first_visible(lastQuery, Lq, Lk, window), firstEnd = end_visible(firstQuery, Lq, Lk, causal);
    // A work-group beyond the last row has nothing to walk. It does not return: PoCL 3.1 would store rows beyond the
    // last then.
    const int start = mask_indptr[blockRow], count = row0 < endRow ? (mask_indptr[blockRow + 1] - start) * block : 0;
    mask_indices += start;

    gathered rows;
    clear(&rows);
    load_queries(queries, q, head, row0, endRow, Lq, scale * LOG2_E, item);
    for (int place0 = 0; place0 < count; place0 += TILE_COLUMNS) {
        const int place = place0 + item, lastPlace = min(place0 + TILE_COLUMNS, count) - 1;
        const int lowest = mask_indices[place0 / block] * block + place0 % block;
        const int highest = mask_indices[lastPlace / block] * block + lastPlace % block;
        // PoCL 3.1 computes wrongly where a branch leaves the loop's round before its barriers: what follows is a
        // condition.
        if (lowest < endKey && highest >= firstKey) {
            int key = place < count ? mask_indices[place / block] * block + place % block : -1;
            keys[item] = key >= firstKey && key < endKey ? key : -1;
            barrier(CLK_LOCAL_MEM_FENCE);

            float8 scores[ROWS];
            tile_scores(scores, queries, stage, k, keys, x, y);
            if (place0 + TILE_COLUMNS > count || lowest < lastFirst || highest >= firstEnd) {
                const int8 slots = column_slots(x);
                const int4 near = (int4)(keys[slots.s0], keys[slots.s1], keys[slots.s2], keys[slots.s3]);
                const int4 far = (int4)(keys[slots.s4], keys[slots.s5], keys[slots.s6], keys[slots.s7]);
                const int8 columnKeys = (int8)(near, far);
#pragma unroll
                for (int r = 0; r < ROWS; ++r) {
                    const int query = (row0 + y * ROWS + r) / GROUP;
                    scores[r] = keep_between(
                        scores[r], columnKeys, first_visible(query, Lq, Lk, window),
                        end_visible(query, Lq, Lk, causal));
                }
            }
            tile_softmax(scores, &rows, weights, stage, x, y);
            tile_values(&rows, weights, stage, v, keys, lastPlace + 1 - place0, x, y);
        }
    }
    store_rows(&rows, stage, o, head, row0, endRow, Lq, x, y);
}
