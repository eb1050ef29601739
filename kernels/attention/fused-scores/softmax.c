#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../attention.h"

// With the row's largest score known one pass serves: weights, and their sum, which the stage `values` divides by. As in
// `unfused`, what lies beyond a row's own keys, where others of its VALUE_ROWS rows see some, becomes zero.
#define GROUP_ROWS 64
#define VALUE_ROWS 8

#define weigh_row JM(weigh_row)

/// Weights relative to `maximum` in place of `count` scores; their sum.
JM_INLINE float weigh_row(float *scores, int count, float maximum) {
    const float log2e = 1.44269504f;
    jm_vec sums[4];
    JM_UNROLL for (int v = 0; v < 4; v++) sums[v] = (jm_vec){0};
    int i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int v = 0; v < 4; v++) {
            const jm_vec weight = jm_exp2((jm_load(scores + i + v * JM_LANES) - maximum) * log2e);
            jm_store(scores + i + v * JM_LANES, weight);
            sums[v] += weight;
        }
    }
    float sum = jm_horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < count; i++) {
        scores[i] = jm_exp2(jm_splat((scores[i] - maximum) * log2e))[0];
        sum += scores[i];
    }
    return sum;
}

JOULEMARK_STAGE("attention", "fused-scores", "softmax", JM_STORAGE, 3, 8, 0) {
    const attention_shape shape = attention_shape_of(call);
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * GROUP_ROWS, tiles = (shape.keyLength + 63) / 64;
    const ptrdiff_t line = (ptrdiff_t)y * shape.queryLength;
    for (int row = firstRow; row < firstRow + GROUP_ROWS && row < shape.queryLength; row++) {
        float *scores = (float *)call->buffers[0] + (line + row) * shape.keyLength;
        const float maximum = ((const float *)call->buffers[1])[(line + row) * tiles];
        const int start = attention_visible_start(&shape, row), end = attention_visible_end(&shape, row);
        const int groupFirst = row / VALUE_ROWS * VALUE_ROWS;
        const int groupLast = attention_clamp(groupFirst + VALUE_ROWS - 1, 0, shape.queryLength - 1);
        for (int key = attention_visible_start(&shape, groupFirst); key < start; key++) scores[key] = 0;
        ((float *)call->buffers[2])[line + row] = start < end ? weigh_row(scores + start, end - start, maximum) : 0;
        for (int key = end; key < attention_visible_end(&shape, groupLast); key++) scores[key] = 0;
    }
}
