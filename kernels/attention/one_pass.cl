// Attention in one pass over the keys (Dao et al. 2022, algorithm 1; rescaling once a tile as in Dao 2023): what flash
// and its relatives share. A work-group of 8 x 8 has 8 * ROWS rows and walks the keys that any of them sees, 64 at a
// time: scores (rows x keys, depth HEAD_SIZE) -> running maximum -> weights -> output (rows x HEAD_SIZE, depth 64).
// strategy.json lowers ROWS as HEAD_SIZE grows: a work-item then keeps 64 elements of the output at every head size,
// and the work-group at most 28 KiB of local memory (36 KiB at HEAD_SIZE <= 64 where there is room).
//
// With GROUP > 1 the rows of GROUP query heads that share a key head are interleaved: row r is query r / GROUP of head
// r % GROUP among them. A tile's rows are then neighbouring queries, and K and V are read once for all the heads.
#include "../opencl/tiles.cl"
#include "visible.cl"

#ifndef GROUP
#define GROUP 1
#endif
#define TILE_ROWS (8 * ROWS)
// Elements of a key staged at a time.
#define DEPTH 16
// The output's columns in chunks of 64, the last one padded.
#define CHUNKS ((HEAD_SIZE + 63) / 64)
#define PADDED_HEAD (64 * CHUNKS)
// Rows of v staged at a time: 4 to 8 KiB.
#define VALUE_ROWS (CHUNKS == 1 ? 16 : 8)
#define STAGE_SIZE (CHUNKS == 1 ? 1024 : 8 * PADDED_HEAD)

// Stands for minus infinity, without its NaNs: a difference of two of these is 0.
#define MASKED (-FLT_MAX / 2)

#ifdef HOST_PROCESSOR
#define EXP2 exp2
#else
// One instruction on a GPU. Its absolute error of 2 ulp at most is what a rounding of the scores costs anyway.
#define EXP2 native_exp2
#endif
#define LOG2_E 1.4426950408889634f

// queries[d][row], scaled; weights[key][row]; stage: a piece of k as [d][key], of v as [key][d], or the partial maxima.
#define LOCAL_QUERIES __local float queries[HEAD_SIZE * TILE_ROWS] __attribute__((aligned(32)))
#define LOCAL_WEIGHTS __local float weights[TILE_COLUMNS * TILE_ROWS] __attribute__((aligned(32)))
#define LOCAL_STAGE __local float stage[STAGE_SIZE] __attribute__((aligned(32)))

// Which keys a tile has: those from x on, below y; or, with LISTED_KEYS, one a slot, negative where there is none.
#ifdef LISTED_KEYS
typedef __local const int *tile_keys;
#define KEY_AT(keys, slot) (keys)[slot]
#else
typedef int2 tile_keys;
#define KEY_AT(keys, slot) ((keys).x + (slot) < (keys).y ? (keys).x + (slot) : -1)
#endif

// What a work-item gathers for its ROWS rows: 8 columns of each chunk, the maximum in units of log2, the sum of its
// weights.
typedef struct gathered {
    float8 output[CHUNKS][ROWS];
    float largest[ROWS], sums[ROWS];
} gathered;

// Where a row's query and output begin.
static inline size_t row_offset(int head, int row, int Lq) {
    return ((size_t)(head + row % GROUP) * Lq + row / GROUP) * HEAD_SIZE;
}

static inline void clear(gathered *rows) {
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        rows->largest[r] = MASKED;
        rows->sums[r] = 0.0f;
#pragma unroll
        for (int c = 0; c < CHUNKS; ++c) rows->output[c][r] = (float8)(0.0f);
    }
}

// The queries of rows row0 and following, below endRow, times `scale`.
static inline void load_queries(
    __local float *queries, __global const stored *q, int head, int row0, int endRow, int Lq, float scale, int item) {
    for (int i = item; i < TILE_ROWS * (HEAD_SIZE / 4); i += 64) {
        const int row = i / (HEAD_SIZE / 4), d = i % (HEAD_SIZE / 4) * 4;
        float4 values = (float4)(0.0f);
        if (row0 + row < endRow) values = LOAD4_ALIGNED(q, row_offset(head, row0 + row, Lq) + d) * scale;
        queries[d * TILE_ROWS + row] = values.x;
        queries[(d + 1) * TILE_ROWS + row] = values.y;
        queries[(d + 2) * TILE_ROWS + row] = values.z;
        queries[(d + 3) * TILE_ROWS + row] = values.w;
    }
}

static inline void tile_scores(
    float8 scores[ROWS], __local const float *queries, __local float *stage, __global const stored *k, tile_keys keys,
    int x, int y) {
    const int item = 8 * y + x;
    clear_tiles(scores);
    for (int d0 = 0; d0 < HEAD_SIZE; d0 += DEPTH) {
        for (int i = item; i < TILE_COLUMNS * (DEPTH / 4); i += 64) {
            const int slot = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4, key = KEY_AT(keys, slot);
            float4 values = (float4)(0.0f);
            if (key >= 0 && d0 + d < HEAD_SIZE) values = LOAD4_ALIGNED(k, (size_t)key * HEAD_SIZE + d0 + d);
            stage[d * TILE_COLUMNS + slot] = values.x;
            stage[(d + 1) * TILE_COLUMNS + slot] = values.y;
            stage[(d + 2) * TILE_COLUMNS + slot] = values.z;
            stage[(d + 3) * TILE_COLUMNS + slot] = values.w;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(scores, queries + d0 * TILE_ROWS + y * ROWS, stage, TILE_COLUMNS, min(DEPTH, HEAD_SIZE - d0), x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

// A row's scores of those keys that lie in [first, end).
static inline float8 keep_between(float8 scores, int8 keys, int first, int end) {
    return select((float8)(MASKED), scores, keys >= first && keys < end);
}

// A step of the online softmax: scores become weights, and what was gathered is brought to the new maxima.
static inline void tile_softmax(
    const float8 scores[ROWS], gathered *rows, __local float *weights, __local float *stage, int x, int y) {
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const float4 pairs = fmax(scores[r].lo, scores[r].hi);
        stage[(y * ROWS + r) * 8 + x] = fmax(fmax(pairs.x, pairs.y), fmax(pairs.z, pairs.w));
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const float8 maxima = *(__local const float8 *)(stage + (y * ROWS + r) * 8);
        const float4 pairs = fmax(maxima.lo, maxima.hi);
        const float larger = fmax(rows->largest[r], fmax(fmax(pairs.x, pairs.y), fmax(pairs.z, pairs.w)));
        const float correction = EXP2(rows->largest[r] - larger);
        const float8 weight = EXP2(scores[r] - larger);
        const float4 partial = weight.lo + weight.hi;
        rows->largest[r] = larger;
        rows->sums[r] = rows->sums[r] * correction + ((partial.x + partial.y) + (partial.z + partial.w));
#pragma unroll
        for (int c = 0; c < CHUNKS; ++c) rows->output[c][r] *= correction;
        __local float *column = weights + y * ROWS + r;
        column[COLUMN(x, 0) * TILE_ROWS] = weight.s0;
        column[COLUMN(x, 1) * TILE_ROWS] = weight.s1;
        column[COLUMN(x, 2) * TILE_ROWS] = weight.s2;
        column[COLUMN(x, 3) * TILE_ROWS] = weight.s3;
        column[COLUMN(x, 4) * TILE_ROWS] = weight.s4;
        column[COLUMN(x, 5) * TILE_ROWS] = weight.s5;
        column[COLUMN(x, 6) * TILE_ROWS] = weight.s6;
        column[COLUMN(x, 7) * TILE_ROWS] = weight.s7;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
}

// output += weights * values of the tile's first `count` keys. Where rows are few, as when decoding, and so keys often
// very many, the tile has a sum of its own: rounding then grows with the tiles, not with the keys.
static inline void tile_values(
    gathered *rows, __local const float *weights, __local float *stage, __global const stored *v, tile_keys keys,
    int count, int x, int y) {
    const int item = 8 * y + x;
#if ROWS <= 2
    float8 tile[CHUNKS][ROWS];
#pragma unroll
    for (int c = 0; c < CHUNKS; ++c)
#pragma unroll
        for (int r = 0; r < ROWS; ++r) tile[c][r] = (float8)(0.0f);
#else
    float8(*const tile)[ROWS] = rows->output;
#endif
    for (int first = 0; first < count; first += VALUE_ROWS) {
        for (int i = item; i < VALUE_ROWS * (PADDED_HEAD / 4); i += 64) {
            const int key = KEY_AT(keys, first + i / (PADDED_HEAD / 4)), d = i % (PADDED_HEAD / 4) * 4;
            float4 values = (float4)(0.0f);
            if (key >= 0 && d < HEAD_SIZE) values = LOAD4_ALIGNED(v, (size_t)key * HEAD_SIZE + d);
            *(__local float4 *)(stage + i * 4) = values;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int c = 0; c < CHUNKS; ++c)
            multiply_tiles(tile[c], weights + first * TILE_ROWS + y * ROWS, stage + 64 * c, PADDED_HEAD, VALUE_ROWS, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#if ROWS <= 2
#pragma unroll
    for (int c = 0; c < CHUNKS; ++c)
#pragma unroll
        for (int r = 0; r < ROWS; ++r) rows->output[c][r] += tile[c][r];
#endif
}

// Adds up the sums of the 8 work-items that share a row; each has the total then.
static inline void total_sums(gathered *rows, __local float *stage, int x, int y) {
#pragma unroll
    for (int r = 0; r < ROWS; ++r) stage[(y * ROWS + r) * 8 + x] = rows->sums[r];
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const float8 partial = *(__local const float8 *)(stage + (y * ROWS + r) * 8);
        const float4 pairs = partial.lo + partial.hi;
        rows->sums[r] = (pairs.x + pairs.y) + (pairs.z + pairs.w);
    }
}

// Divides by the sums and stores the rows row0 and following, below endRow.
static inline void store_rows(
    gathered *rows, __local float *stage, __global stored *o, int head, int row0, int endRow, int Lq, int x, int y) {
    total_sums(rows, stage, x, y);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        // A row that sees no key has only ever summed masked scores.
        const float inverse = rows->largest[r] > MASKED ? 1.0f / rows->sums[r] : 0.0f;
        if (row < endRow) {
            __global stored *to = o + row_offset(head, row, Lq);
#pragma unroll
            for (int c = 0; c < CHUNKS; ++c)
                STORE_COLUMNS_ALIGNED(to + 64 * c, x, rows->output[c][r] * inverse, HEAD_SIZE - 64 * c);
        }
    }
}

#ifndef LISTED_KEYS
// The keys that a row sees are a range: where a tile crosses an edge, hides its keys that lie outside, or from endKey
// on.
static inline void hide_unseen(
    float8 scores[ROWS], int key0, int endKey, int row0, int lastRow, int Lq, int Lk, int causal, int window, int x,
    int y) {
    if (key0 + TILE_COLUMNS <= min(endKey, end_visible(row0 / GROUP, Lq, Lk, causal))
        && key0 >= first_visible(lastRow / GROUP, Lq, Lk, window))
        return;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int query = (row0 + y * ROWS + r) / GROUP;
        scores[r] = keep_between(
            scores[r], key0 + column_slots(x), first_visible(query, Lq, Lk, window),
            min(endKey, end_visible(query, Lq, Lk, causal)));
    }
}

// Gathers the keys of [firstKey, endKey).
static inline void attend(
    gathered *rows, __local const float *queries, __local float *weights, __local float *stage,
    __global const stored *k, __global const stored *v, int firstKey, int endKey, int row0, int lastRow, int Lq, int Lk,
    int causal, int window, int x, int y) {
    for (int key0 = firstKey; key0 < endKey; key0 += TILE_COLUMNS) {
        const tile_keys keys = (int2)(key0, endKey);
        float8 scores[ROWS];
        tile_scores(scores, queries, stage, k, keys, x, y);
        hide_unseen(scores, key0, endKey, row0, lastRow, Lq, Lk, causal, window, x, y);
        tile_softmax(scores, rows, weights, stage, x, y);
        tile_values(rows, weights, stage, v, keys, min(TILE_COLUMNS, endKey - key0), x, y);
    }
}
#endif
