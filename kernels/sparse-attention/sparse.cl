// What the stages of sparse attention share: rows that a mask of bits hides keys from.
#include "../attention/one_pass.cl"

#ifndef LISTED_KEYS
// Hides the keys of a tile whose bits are 0. Bit j % 32 of word j / 32 of a query's line says whether it sees key j.
static inline void hide_masked(
    float8 scores[ROWS], __global const int *mask, int words, int key0, int row0, int endRow, int x, int y) {
    const int word = key0 / 32;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        uint low = 0, high = 0;
        if (row < endRow) {
            __global const int *line = mask + (size_t)(row / GROUP) * words;
            low = line[word];
            if (word + 1 < words) high = line[word + 1];
        }
        // Columns 0 to 3 of a work-item lie in one word, and so do 4 to 7.
        const int8 slots = column_slots(x);
        const uint8 line = (uint8)((uint4)(slots.s0 < 32 ? low : high), (uint4)(slots.s4 < 32 ? low : high));
        scores[r] = select((float8)(MASKED), scores[r], (line >> (convert_uint8(slots) & 31) & 1) != 0);
    }
}

// Gathers the tile of keys from key0 on, of which the mask hides some if `isPartial`.
static inline void attend_tile(
    gathered *rows, __local const float *queries, __local float *weights, __local float *stage,
    __global const stored *k, __global const stored *v, __global const int *mask, int isPartial, int key0, int row0,
    int endRow, int Lk, int x, int y) {
    const tile_keys keys = (int2)(key0, Lk);
    float8 scores[ROWS];
    tile_scores(scores, queries, stage, k, keys, x, y);
    if (isPartial) hide_masked(scores, mask, (Lk + 31) / 32, key0, row0, endRow, x, y);
    tile_softmax(scores, rows, weights, stage, x, y);
    tile_values(rows, weights, stage, v, keys, min(TILE_COLUMNS, Lk - key0), x, y);
}
#endif
