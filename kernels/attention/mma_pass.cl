// Attention in one pass over the keys on NVIDIA's matrix units: what flash and its relatives share there (Dao 2023,
// FlashAttention-2, section 3). A warp has 16 rows, whose queries and outputs stay in registers, and so do its scores:
// the online softmax works on them where they are, the maxima go around the four work-items that share a row, and the
// weights are an operand as they lie. The work-group's WARPS take MMA_KEYS keys at a time through local memory; values
// come while the keys are multiplied, and the next keys while the values are. Rows there are longer by 16 bytes, which
// spreads them over the banks.
//
// Rows of GROUP query heads that share a key head are interleaved as in one_pass.cl.
#include "../opencl/mma.cl"
#include "visible.cl"

#ifndef GROUP
#define GROUP 1
#endif
#define WORDS (HEAD_SIZE / 8)
#define DEPTH_WORDS (MATRIX_DEPTH / 8)
#define STRIDE (DEPTH_WORDS + 1)
#define DEPTH_STEPS (MATRIX_DEPTH / 16)
#define KEY_STEPS (MMA_KEYS / 16)
#define TILE_ROWS (16 * WARPS)
#define VALUE_PLACE (MMA_KEYS * STRIDE)

// Keys, then values; before them, the queries, of which there are no more.
#define LOCAL_TILES __local uint4 tiles[2 * VALUE_PLACE]

#define MASKED (-FLT_MAX / 2)
#ifdef HOST_PROCESSOR
#define EXP2 exp2
#else
#define EXP2 native_exp2
#endif
#define LOG2_E 1.4426950408889634f

// Of a work-item: the operands of its rows' queries, outputs, and of its two rows the maximum in units of log2 and the
// sum of its share of the weights.
typedef struct attended {
    mma_operand queries[DEPTH_STEPS];
    mma_sum output[DEPTH_STEPS];
    float largest[2], sums[2];
} attended;

// Which row of the tile a work-item's first or second row is.
INLINED int tile_row(int r) { return get_local_id(0) / 32 * 16 + MMA_ROW(get_local_id(0) % 32, 2 * r); }

// In words of eight elements.
INLINED size_t row_words(int head, int row, int Lq) {
    return ((size_t)(head + row % GROUP) * Lq + row / GROUP) * WORDS;
}

INLINED void begin(
    attended *rows, __local uint4 *tiles, __global const stored *q, int head, int row0, int endRow, int Lq) {
    const int item = get_local_id(0), lane = item % 32;
    for (int i = item; i < TILE_ROWS * DEPTH_WORDS; i += WORK_GROUP_SIZE_X) {
        const int row = row0 + i / DEPTH_WORDS, word = i % DEPTH_WORDS, isInside = row < endRow && word < WORDS;
        mma_fetch(
            tiles + i / DEPTH_WORDS * STRIDE + word,
            (__global const uint4 *)q + (isInside ? row_words(head, row, Lq) + word : 0), isInside);
    }
    mma_close();
    mma_arrived(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    MMA_LOOP for (int d = 0; d < DEPTH_STEPS; ++d) {
        mma_load_a(&rows->queries[d], tiles + item / 32 * 16 * STRIDE + 2 * d, STRIDE);
        mma_clear(&rows->output[d]);
    }
    rows->largest[0] = rows->largest[1] = MASKED;
    rows->sums[0] = rows->sums[1] = 0.0f;
    barrier(CLK_LOCAL_MEM_FENCE);
}

// MMA_KEYS rows of k or v from a key on; zeros for what is not below `end`.
INLINED void fetch_keys(__local uint4 *tile, __global const stored *from, int first, int end) {
#pragma unroll
    for (int i = get_local_id(0); i < MMA_KEYS * DEPTH_WORDS; i += WORK_GROUP_SIZE_X) {
        const int key = first + i / DEPTH_WORDS, word = i % DEPTH_WORDS, isInside = key < end && word < WORDS;
        mma_fetch(
            tile + i / DEPTH_WORDS * STRIDE + word,
            (__global const uint4 *)from + (isInside ? (size_t)key * WORDS + word : 0), isInside);
    }
    mma_close();
}

// Scores become weights in units of log2, and what was gathered is brought to the new maxima. Of each row, the keys
// from `first` on and below `last` are seen.
INLINED void weigh(
    attended *rows, mma_sum scores[KEY_STEPS], int key0, float factor, int hides, const int first[2], const int last[2],
    __local uint *exchange) {
    const int lane = get_local_id(0) % 32;
    MMA_LOOP for (int n = 0; n < KEY_STEPS; ++n) {
        MMA_LOOP for (int i = 0; i < 8; ++i) {
            const int key = key0 + 16 * n + MMA_COLUMN(lane, i), r = i / 2 % 2;
            const float score = scores[n].s[i] * factor;
            scores[n].s[i] = hides && (key < first[r] || key >= last[r]) ? MASKED : score;
        }
    }
    float shrinks[2];
    MMA_LOOP for (int r = 0; r < 2; ++r) {
        float largest = rows->largest[r];
        MMA_LOOP for (int n = 0; n < KEY_STEPS; ++n) largest = fmax(
            largest,
            fmax(
                fmax(scores[n].s[2 * r], scores[n].s[2 * r + 1]),
                fmax(scores[n].s[4 + 2 * r], scores[n].s[5 + 2 * r])));
        largest = mma_quad_max(largest, exchange);
        shrinks[r] = EXP2(rows->largest[r] - largest);
        rows->largest[r] = largest;
        float sum = 0.0f;
        MMA_LOOP for (int n = 0; n < KEY_STEPS; ++n) {
            MMA_LOOP for (int e = 0; e < 4; ++e) {
                const int i = 2 * r + e % 2 + e / 2 * 4;
                scores[n].s[i] = EXP2(scores[n].s[i] - largest);
                sum += scores[n].s[i];
            }
        }
        rows->sums[r] = rows->sums[r] * shrinks[r] + sum;
    }
    MMA_LOOP for (int d = 0; d < DEPTH_STEPS; ++d) {
        MMA_LOOP for (int i = 0; i < 8; ++i) rows->output[d].s[i] *= shrinks[i / 2 % 2];
    }
}

// Gathers the keys of [firstKey, endKey).
INLINED void attend(
    attended *rows, __local uint4 *tiles, __global const stored *k, __global const stored *v, int firstKey, int endKey,
    int row0, int lastRow, int Lq, int Lk, int causal, int window, float factor, __local uint *exchange) {
    const int firstSeen = first_visible(lastRow / GROUP, Lq, Lk, window);
    const int lastSeen = min(endKey, end_visible(row0 / GROUP, Lq, Lk, causal));
    int first[2], last[2];
    for (int r = 0; r < 2; ++r) {
        const int query = (row0 + tile_row(r)) / GROUP;
        first[r] = first_visible(query, Lq, Lk, window);
        last[r] = min(endKey, end_visible(query, Lq, Lk, causal));
    }
    if (firstKey < endKey) fetch_keys(tiles, k, firstKey, endKey);
    for (int key0 = firstKey; key0 < endKey; key0 += MMA_KEYS) {
        mma_arrived(0);
        barrier(CLK_LOCAL_MEM_FENCE);
        fetch_keys(tiles + VALUE_PLACE, v, key0, endKey);
        mma_sum scores[KEY_STEPS];
        MMA_LOOP for (int n = 0; n < KEY_STEPS; ++n) {
            mma_clear(&scores[n]);
            MMA_LOOP for (int d = 0; d < DEPTH_STEPS; ++d) {
                mma_operand keys;
                mma_load_transposed_b(&keys, tiles + 16 * n * STRIDE + 2 * d, STRIDE);
                mma_add(&scores[n], rows->queries[d], keys, exchange);
            }
        }
        mma_arrived(0);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (key0 + MMA_KEYS < endKey) fetch_keys(tiles, k, key0 + MMA_KEYS, endKey);
        weigh(rows, scores, key0, factor, key0 + MMA_KEYS > lastSeen || key0 < firstSeen, first, last, exchange);
        MMA_LOOP for (int n = 0; n < KEY_STEPS; ++n) {
            mma_operand weights;
            MMA_LOOP for (int i = 0; i < 4; ++i)
                weights.words[i] = mma_stored(scores[n].s[2 * i], scores[n].s[2 * i + 1]);
            MMA_LOOP for (int d = 0; d < DEPTH_STEPS; ++d) {
                mma_operand values;
                mma_load_b(&values, tiles + VALUE_PLACE + 16 * n * STRIDE + 2 * d, STRIDE);
                mma_add(&rows->output[d], weights, values, exchange);
            }
        }
    }
    MMA_LOOP for (int r = 0; r < 2; ++r) rows->sums[r] = mma_quad_sum(rows->sums[r], exchange);
}
