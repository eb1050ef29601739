// o[b,h,i] = sum over visible j of scores[b,h,i,j] * v[b,h/g,j], a tile of 8 * ROWS queries by 64 elements of the head
// a work-group. Keys that no query of the tile sees are skipped; a query without a visible key gets 0. With
// DIVIDES_BY_SUMS the scores are weights whose sum is sums[b,h,i].
#include "../../opencl/tiles.cl"
#include "../visible.cl"

// Keys at a time: 4 KiB a tile.
#define DEPTH 16
#define TILE_ROWS (8 * ROWS)

// tile[key][column] = DEPTH rows of `rows`, of which `count` are there, up to column `columns`; what lies outside is 0.
static inline void load_values(
    __local float *tile, __global const stored *rows, int count, int columns, int D, int item) {
    for (int i = item; i < DEPTH * (TILE_COLUMNS / 4); i += 64) {
        const int key = i / (TILE_COLUMNS / 4), column = i % (TILE_COLUMNS / 4) * 4;
        float4 values = (float4)(0.0f);
        if (key < count && column < columns) values = LOAD4_ALIGNED(rows, (size_t)key * D + column);
        *(__local float4 *)(tile + key * TILE_COLUMNS + column) = values;
    }
}

JOULEMARK_STAGE {
    __local float weights[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float elements[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));

    const int column0 = get_group_id(0) * TILE_COLUMNS, row0 = get_group_id(1) * TILE_ROWS, head = get_group_id(2);
    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    const int keyHead = head / Hq * Hkv + head % Hq / (Hq / Hkv);
    const int firstKey = first_visible(row0, Lq, Lk, window);
    const int endKey = end_visible(min(row0 + TILE_ROWS, Lq) - 1, Lq, Lk, causal);
    scores += ((size_t)head * Lq + row0) * Lk;
    v += (size_t)keyHead * Lk * D + column0;

    float8 totals[ROWS];
    clear_tiles(totals);
    for (int key0 = firstKey; key0 < endKey; key0 += DEPTH) {
        for (int i = item; i < TILE_ROWS * (DEPTH / 4); i += 64) {
            const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;
            const int first = first_visible(row0 + row, Lq, Lk, window);
            const int end = row0 + row < Lq ? end_visible(row0 + row, Lq, Lk, causal) : 0;
            for (int e = d; e < d + 4; ++e) {
                const int key = key0 + e;
                weights[e * TILE_ROWS + row] = key >= first && key < end ? scores[(size_t)row * Lk + key] : 0.0f;
            }
        }
        load_values(elements, v + (size_t)key0 * D, endKey - key0, D - column0, D, item);
        barrier(CLK_LOCAL_MEM_FENCE);
#if ROWS <= 2
        // Few rows often have very many keys: these have a sum of their own, so that rounding grows with the steps
        // alone.
        float8 step[ROWS];
        clear_tiles(step);
        multiply_tiles(step, weights + y * ROWS, elements, TILE_COLUMNS, DEPTH, x);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) totals[r] += step[r];
#else
        multiply_tiles(totals, weights + y * ROWS, elements, TILE_COLUMNS, DEPTH, x);
#endif
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    o += ((size_t)head * Lq + row0 + y * ROWS) * D + column0;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < Lq) {
#ifdef DIVIDES_BY_SUMS
            const float sum = sums[(size_t)head * Lq + row];
            totals[r] *= sum > 0.0f ? 1.0f / sum : 0.0f;
#endif
            STORE_COLUMNS_ALIGNED(o + (size_t)r * D, x, totals[r], D - column0);
        }
    }
}
