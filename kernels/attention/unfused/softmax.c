#include "attention/unfused/softmax.bindings.h"
#include "../attention.h"
#include "../weigh_row.h"

// A row stays in L1 (8 KiB at 2048 keys) for its three passes: maximum, weights and sum, division. Only visible scores
// are read. The stage `values` multiplies rows in groups of VALUE_ROWS, over the keys that any row of the group sees:
// what lies there beyond a row's own keys becomes zero.
#define VALUE_ROWS 8

#define softmax_row JM(softmax_row)

/// Softmax of `count` scores in place.
JM_INLINE void softmax_row(float *scores, int count) {
    jm_vec largest[4];
    JM_UNROLL for (int v = 0; v < 4; v++) largest[v] = jm_splat(-3.4e38f);
    int i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int v = 0; v < 4; v++) largest[v] = jm_max(jm_load(scores + i + v * JM_LANES), largest[v]);
    }
    float maximum = jm_horizontal_max(jm_max(jm_max(largest[0], largest[1]), jm_max(largest[2], largest[3])));
    for (; i < count; i++) maximum = scores[i] > maximum ? scores[i] : maximum;

    const float factor = 1.0f / weigh_row(scores, count, maximum);
    for (i = 0; i + JM_LANES <= count; i += JM_LANES) jm_store(scores + i, jm_load(scores + i) * factor);
    for (; i < count; i++) scores[i] *= factor;
}

JOULEMARK_STAGE(0) {
    const attention_shape shape = attention_shape_of(call);
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * SOFTMAX_GROUP_ROWS;
    float *scores = jm_tensors_of(call)->scores + (ptrdiff_t)y * shape.queryLength * shape.keyLength;
    for (int row = firstRow; row < firstRow + SOFTMAX_GROUP_ROWS && row < shape.queryLength; row++) {
        float *line = scores + (ptrdiff_t)row * shape.keyLength;
        const int start = attention_visible_start(&shape, row), end = attention_visible_end(&shape, row);
        const int groupFirst = row / VALUE_ROWS * VALUE_ROWS;
        const int groupLast = attention_clamp(groupFirst + VALUE_ROWS - 1, 0, shape.queryLength - 1);
        for (int key = attention_visible_start(&shape, groupFirst); key < start; key++) line[key] = 0;
        if (start < end) softmax_row(line + start, end - start);
        for (int key = end; key < attention_visible_end(&shape, groupLast); key++) line[key] = 0;
    }
}
