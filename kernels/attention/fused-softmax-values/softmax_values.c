#include "attention/fused-softmax-values/softmax_values.bindings.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../value_rows.h"

// Softmax and values in one pass over the scores, BLOCK_KEYS keys at a time. A block's values (256 · 64 · 4 = 64 KiB at
// D = 64) stay in L2 for all rows of the work-group. The weights of four rows are made in 4 KiB of scratch, so that
// scores are only read, each once.
#define BLOCK_KEYS 256

// Finite, so that a row without visible keys never meets ∞ − ∞.
#define NO_MAXIMUM -1e30f

#define weigh_block JM(weigh_block)

/// Weights of the keys that a row sees, `from` to `to` of `count`; the others weigh nothing. Scores are relative to
/// `largest`, which grows with them. Returns what earlier weights are multiplied by.
JM_INLINE float weigh_block(
    const float *scores, int from, int to, int count, float *weights, float *largest, float *sum) {
    const float log2e = 1.44269504f;
    jm_vec maxima = jm_splat(*largest);
    int i = from;
    for (; i + JM_LANES <= to; i += JM_LANES) maxima = jm_max(jm_load(scores + i), maxima);
    float after = jm_horizontal_max(maxima);
    for (; i < to; i++) after = scores[i] > after ? scores[i] : after;
    const float correction = jm_exp2_capped(jm_splat((*largest - after) * log2e))[0];

    for (i = 0; i < from; i++) weights[i] = 0;
    jm_vec sums = {0};
    for (i = from; i + JM_LANES <= to; i += JM_LANES) {
        const jm_vec weight = jm_exp2_capped((jm_load(scores + i) - after) * log2e);
        jm_store(weights + i, weight);
        sums += weight;
    }
    float total = jm_horizontal_sum(sums);
    for (; i < to; i++) {
        weights[i] = jm_exp2_capped(jm_splat((scores[i] - after) * log2e))[0];
        total += weights[i];
    }
    for (i = to < from ? from : to; i < count; i++) weights[i] = 0;
    *sum = *sum * correction + total;
    *largest = after;
    return correction;
}

#undef SCRATCH_FLOATS
#define SCRATCH_FLOATS(size)                                                                                           \
    ((size_t)(JM_TILE_ROWS * BLOCK_KEYS) + JM_SPACE((SOFTMAX_GROUP_ROWS + BLOCK_KEYS) * (size)))

JOULEMARK_STAGE(4 * SCRATCH_FLOATS(attention_shape_of(call).headSize)) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, stride = shape.keyLength;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * SOFTMAX_GROUP_ROWS;
    const int endRow = attention_clamp(firstRow + SOFTMAX_GROUP_ROWS, 0, shape.queryLength);
    const float *scores = jm_tensors_of(call)->scores + (ptrdiff_t)y * shape.queryLength * stride;
    const jm_stored *values = jm_tensors_of(call)->v + (ptrdiff_t)(y / (uint32_t)shape.group) * stride * size;
    jm_stored *result = jm_tensors_of(call)->o + ((ptrdiff_t)y * shape.queryLength + firstRow) * size;
    float *weights = scratch;
    float *space = weights + JM_TILE_ROWS * BLOCK_KEYS;
    float *output = jm_floats_for(result, space + JM_SPACE(BLOCK_KEYS * size));
    float largest[SOFTMAX_GROUP_ROWS], sum[SOFTMAX_GROUP_ROWS];
    for (int row = firstRow; row < endRow; row++) {
        largest[row - firstRow] = NO_MAXIMUM;
        sum[row - firstRow] = 0;
        for (int d = 0; d < size; d++) output[(row - firstRow) * size + d] = 0;
    }
    const int start = attention_visible_start(&shape, firstRow), end = attention_visible_end(&shape, endRow - 1);
    for (int block = start; block < end; block += BLOCK_KEYS) {
        const int count = block + BLOCK_KEYS < end ? BLOCK_KEYS : end - block;
        const float *blockValues = jm_in_floats(values + (ptrdiff_t)block * size, (size_t)(count * size), space);
        for (int row = firstRow; row < endRow;) {
            const int rows = endRow - row >= JM_TILE_ROWS ? JM_TILE_ROWS : 1;
            const int first = attention_clamp(attention_visible_start(&shape, row) - block, 0, count);
            const int last = attention_clamp(attention_visible_end(&shape, row + rows - 1) - block, 0, count);
            for (int i = row; i < row + rows && first < last; i++) {
                const int from = attention_clamp(attention_visible_start(&shape, i) - block, first, last);
                const int to = attention_clamp(attention_visible_end(&shape, i) - block, from, last);
                const float correction = weigh_block(
                    scores + (ptrdiff_t)i * stride + block + first, from - first, to - first, last - first,
                    weights + (i - row) * BLOCK_KEYS, &largest[i - firstRow], &sum[i - firstRow]);
                if (correction != 1) {
                    for (int d = 0; d < size; d++) output[(i - firstRow) * size + d] *= correction;
                }
            }
            if (first < last) {
                const float *right = blockValues + first * size;
                float *to = output + (row - firstRow) * size;
                if (rows == 1) value_rows(1, weights, BLOCK_KEYS, right, size, last - first, to);
                else value_rows(JM_TILE_ROWS, weights, BLOCK_KEYS, right, size, last - first, to);
            }
            row += rows;
        }
    }
    for (int row = firstRow; row < endRow; row++) {
        // The largest weight of a row is 1, so that a sum below it means that no key was visible.
        const float factor = sum[row - firstRow] >= 0.5f ? 1.0f / sum[row - firstRow] : 0.0f;
        for (int d = 0; d < size; d++) output[(row - firstRow) * size + d] *= factor;
    }
    jm_narrow(result, output, (size_t)((endRow - firstRow) * size));
}
