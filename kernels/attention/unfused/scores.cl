// scores[b,h,i,j] = scale * q[b,h,i] . k[b,h/g,j], a tile of 8 * ROWS queries by 64 keys a work-group. Tiles in which
// no query sees a key are left as they are: no later stage reads them. With FINDS_MAXIMA each row's largest score in
// each tile too, of the keys that its query sees: maxima[b,h,i,tile].
#include "../../opencl/tiles.cl"
#include "../visible.cl"

// 16 of the head's elements at a time: 4 KiB a tile, and 64 bytes of every row, a cache line.
#define DEPTH 16
#define TILE_ROWS (8 * ROWS)

// Copies DEPTH elements of up to `count` rows into tile[d][row]; what lies outside is 0.
static inline void load_transposed(
    __local float *tile, int rowCount, __global const stored *rows, int count, int D, int d0, int item) {
    for (int i = item; i < rowCount * (DEPTH / 4); i += 64) {
        const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;
        float4 values = (float4)(0.0f);
        if (row < count && d0 + d < D) values = LOAD4_ALIGNED(rows, (size_t)row * D + d0 + d);
        tile[d * rowCount + row] = values.x;
        tile[(d + 1) * rowCount + row] = values.y;
        tile[(d + 2) * rowCount + row] = values.z;
        tile[(d + 3) * rowCount + row] = values.w;
    }
}

static inline float largest_of(float8 values) {
    const float4 pairs = fmax(values.lo, values.hi);
    return fmax(fmax(pairs.x, pairs.y), fmax(pairs.z, pairs.w));
}

// Stores a work-item's columns of a row of `count` scores.
static inline void store_scores(__global float *line, int x, float8 scores, int count) {
    if (TILE_COLUMNS <= count) {
        STORE_COLUMNS_F32(line, x, scores, TILE_COLUMNS);
    } else {
        float elements[8];
        vstore8(scores, 0, elements);
        for (int e = 0; e < 8; ++e)
            if (COLUMN(x, e) < count) line[COLUMN(x, e)] = elements[e];
    }
}

JOULEMARK_STAGE {
    __local float queries[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float keys[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));

    const int column0 = get_group_id(0) * TILE_COLUMNS, row0 = get_group_id(1) * TILE_ROWS, head = get_group_id(2);
    const int lastRow = min(row0 + TILE_ROWS, Lq) - 1;
    if (column0 >= end_visible(lastRow, Lq, Lk, causal)) return;
    if (column0 + TILE_COLUMNS <= first_visible(row0, Lq, Lk, window)) return;

    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    const int keyHead = head / Hq * Hkv + head % Hq / (Hq / Hkv);
    q += ((size_t)head * Lq + row0) * D;
    k += ((size_t)keyHead * Lk + column0) * D;

    float8 sums[ROWS];
    clear_tiles(sums);
    for (int d0 = 0; d0 < D; d0 += DEPTH) {
        load_transposed(queries, TILE_ROWS, q, Lq - row0, D, d0, item);
        load_transposed(keys, TILE_COLUMNS, k, Lk - column0, D, d0, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(sums, queries + y * ROWS, keys, TILE_COLUMNS, DEPTH, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) sums[r] *= scale;

#ifdef FINDS_MAXIMA
    // What a query does not see of the tile counts neither for the largest score nor later. The keys' tile is free by
    // now.
    const int keyTiles = (Lk + TILE_COLUMNS - 1) / TILE_COLUMNS;
    const int whole = column0 + TILE_COLUMNS <= end_visible(row0, Lq, Lk, causal)
        && column0 >= first_visible(lastRow, Lq, Lk, window);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (!whole) {
            const int first = first_visible(row, Lq, Lk, window), end = end_visible(row, Lq, Lk, causal);
            const int8 key = column0 + column_slots(x);
            sums[r] = select((float8)(-FLT_MAX / 2), sums[r], key >= first && key < end);
        }
        keys[(y * ROWS + r) * 8 + x] = largest_of(sums[r]);
    }
#endif

    // Before the last barrier: behind it PoCL 3.1 stores rows beyond the last one, too.
    scores += ((size_t)head * Lq + row0 + y * ROWS) * Lk + column0;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row0 + y * ROWS + r < Lq) store_scores(scores + (size_t)r * Lk, x, sums[r], Lk - column0);
    }

#ifdef FINDS_MAXIMA
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < TILE_ROWS && row0 + item < Lq) {
        maxima[((size_t)head * Lq + row0 + item) * keyTiles + get_group_id(0)] = largest_of(
            *(__local const float8 *)(keys + item * 8));
    }
#endif
}
