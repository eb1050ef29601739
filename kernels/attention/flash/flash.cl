// Attention in one pass over the keys (Dao et al. 2022, algorithm 1; rescaling once a tile as in Dao 2023). A work-group has
// 8 * ROWS queries of a head and walks the keys that any of them sees, 64 at a time:
//   scores (queries x keys, depth HEAD_SIZE) -> running maximum -> weights -> output (queries x HEAD_SIZE, depth 64).
// strategy.json lowers ROWS as HEAD_SIZE grows: a work-item then keeps 64 elements of the output at every head size, and
// the work-group at most 28 KiB of local memory (36 KiB at HEAD_SIZE <= 64 where there is room).
#include "../../opencl/tiles.cl"
#include "../visible.cl"

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

__kernel __attribute__((reqd_work_group_size(8, 8, 1))) void flash(
    __global const stored *restrict q, __global const stored *restrict k, __global const stored *restrict v,
    __global stored *restrict o, int B, int Hq, int Hkv, int Lq, int Lk, int D, int causal, int window, float scale)
{
    // queries[d][row], scaled; weights[key][row]; stage: a piece of k as [d][key], of v as [key][d], or the partial maxima.
    __local float queries[HEAD_SIZE * TILE_ROWS] __attribute__((aligned(32)));
    __local float weights[TILE_COLUMNS * TILE_ROWS] __attribute__((aligned(32)));
    __local float stage[STAGE_SIZE] __attribute__((aligned(32)));

    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    const int row0 = get_group_id(0) * TILE_ROWS, head = get_group_id(1);
    const int keyHead = head / Hq * Hkv + head % Hq / (Hq / Hkv);
    const int lastRow = min(row0 + TILE_ROWS, Lq) - 1;
    const int firstKey = first_visible(row0, Lq, Lk, window), endKey = end_visible(lastRow, Lq, Lk, causal);
    q += ((size_t)head * Lq + row0) * HEAD_SIZE;
    k += (size_t)keyHead * Lk * HEAD_SIZE;
    v += (size_t)keyHead * Lk * HEAD_SIZE;

    for (int i = item; i < TILE_ROWS * (HEAD_SIZE / 4); i += 64) {
        const int row = i / (HEAD_SIZE / 4), d = i % (HEAD_SIZE / 4) * 4;
        float4 values = (float4)(0.0f);
        if (row0 + row < Lq) values = LOAD4(q, row * HEAD_SIZE + d) * (scale * LOG2_E);
        queries[d * TILE_ROWS + row] = values.x;
        queries[(d + 1) * TILE_ROWS + row] = values.y;
        queries[(d + 2) * TILE_ROWS + row] = values.z;
        queries[(d + 3) * TILE_ROWS + row] = values.w;
    }

    float8 output[CHUNKS][ROWS];
    float largest[ROWS], sums[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        largest[r] = MASKED;
        sums[r] = 0.0f;
#pragma unroll
        for (int c = 0; c < CHUNKS; ++c) output[c][r] = (float8)(0.0f);
    }

    for (int key0 = firstKey; key0 < endKey; key0 += TILE_COLUMNS) {
        float8 scores[ROWS];
#pragma unroll
        for (int r = 0; r < ROWS; ++r) scores[r] = (float8)(0.0f);
        for (int d0 = 0; d0 < HEAD_SIZE; d0 += DEPTH) {
            for (int i = item; i < TILE_COLUMNS * (DEPTH / 4); i += 64) {
                const int key = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;
                float4 values = (float4)(0.0f);
                if (key0 + key < endKey && d0 + d < HEAD_SIZE) values = LOAD4(k, (size_t)(key0 + key) * HEAD_SIZE + d0 + d);
                stage[d * TILE_COLUMNS + key] = values.x;
                stage[(d + 1) * TILE_COLUMNS + key] = values.y;
                stage[(d + 2) * TILE_COLUMNS + key] = values.z;
                stage[(d + 3) * TILE_COLUMNS + key] = values.w;
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            multiply_tiles(
                scores, queries + d0 * TILE_ROWS + y * ROWS, stage, TILE_COLUMNS, min(DEPTH, HEAD_SIZE - d0), x);
            barrier(CLK_LOCAL_MEM_FENCE);
        }

        // Only tiles that the diagonal, the window's edge or the last key crosses need the mask.
        const int whole = key0 + TILE_COLUMNS <= end_visible(row0, Lq, Lk, causal)
            && key0 >= first_visible(lastRow, Lq, Lk, window);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            if (!whole) {
                const int row = row0 + y * ROWS + r;
                const int first = first_visible(row, Lq, Lk, window), end = end_visible(row, Lq, Lk, causal);
                const int8 key = key0
                    + (int8)(COLUMN(x, 0), COLUMN(x, 1), COLUMN(x, 2), COLUMN(x, 3), COLUMN(x, 4), COLUMN(x, 5),
                             COLUMN(x, 6), COLUMN(x, 7));
                scores[r] = select((float8)(MASKED), scores[r], key >= first && key < end);
            }
            const float4 pairs = fmax(scores[r].lo, scores[r].hi);
            stage[(y * ROWS + r) * 8 + x] = fmax(fmax(pairs.x, pairs.y), fmax(pairs.z, pairs.w));
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            const float8 maxima = *(__local const float8 *)(stage + (y * ROWS + r) * 8);
            const float4 pairs = fmax(maxima.lo, maxima.hi);
            const float larger = fmax(largest[r], fmax(fmax(pairs.x, pairs.y), fmax(pairs.z, pairs.w)));
            const float correction = EXP2(largest[r] - larger);
            const float8 weight = EXP2(scores[r] - larger);
            const float4 partial = weight.lo + weight.hi;
            largest[r] = larger;
            sums[r] = sums[r] * correction + ((partial.x + partial.y) + (partial.z + partial.w));
#pragma unroll
            for (int c = 0; c < CHUNKS; ++c) output[c][r] *= correction;
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

        const int tileKeys = min(TILE_COLUMNS, endKey - key0);
        for (int first = 0; first < tileKeys; first += VALUE_ROWS) {
            for (int i = item; i < VALUE_ROWS * (PADDED_HEAD / 4); i += 64) {
                const int key = key0 + first + i / (PADDED_HEAD / 4), d = i % (PADDED_HEAD / 4) * 4;
                float4 values = (float4)(0.0f);
                if (key < endKey && d < HEAD_SIZE) values = LOAD4(v, (size_t)key * HEAD_SIZE + d);
                *(__local float4 *)(stage + i * 4) = values;
            }
            barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
            for (int c = 0; c < CHUNKS; ++c)
                multiply_tiles(
                    output[c], weights + first * TILE_ROWS + y * ROWS, stage + 64 * c, PADDED_HEAD, VALUE_ROWS, x);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
    }

    // The sums of the 8 work-items that share a row.
#pragma unroll
    for (int r = 0; r < ROWS; ++r) stage[(y * ROWS + r) * 8 + x] = sums[r];
    barrier(CLK_LOCAL_MEM_FENCE);
    o += ((size_t)head * Lq + row0 + y * ROWS) * HEAD_SIZE;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const float8 partial = *(__local const float8 *)(stage + (y * ROWS + r) * 8);
        const float4 pairs = partial.lo + partial.hi;
        const float sum = (pairs.x + pairs.y) + (pairs.z + pairs.w);
        // A query that sees no key has only ever summed masked scores.
        const float inverse = largest[r] > MASKED ? 1.0f / sum : 0.0f;
        if (row0 + y * ROWS + r < Lq) {
#pragma unroll
            for (int c = 0; c < CHUNKS; ++c)
                STORE_COLUMNS(o + r * HEAD_SIZE + 64 * c, x, output[c][r] * inverse, HEAD_SIZE - 64 * c);
        }
    }
}
