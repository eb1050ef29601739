#include "attention/fused-scores/softmax.bindings.h"
#include "../attention.h"
#include "../weigh_row.h"

// With the row's largest score known one pass serves: weights, and their sum, which the stage `values` divides by. As
// in `unfused`, what lies beyond a row's own keys, where others of its VALUE_ROWS rows see some, becomes zero.
#define VALUE_ROWS 8

JOULEMARK_STAGE(0) {
    const attention_shape shape = attention_shape_of(call);
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * SOFTMAX_GROUP_ROWS, tiles = (shape.keyLength + 63) / 64;
    const ptrdiff_t line = (ptrdiff_t)y * shape.queryLength;
    for (int row = firstRow; row < firstRow + SOFTMAX_GROUP_ROWS && row < shape.queryLength; row++) {
        float *scores = jm_tensors_of(call)->scores + (line + row) * shape.keyLength;
        const float maximum = (jm_tensors_of(call)->maxima)[(line + row) * tiles];
        const int start = attention_visible_start(&shape, row), end = attention_visible_end(&shape, row);
        const int groupFirst = row / VALUE_ROWS * VALUE_ROWS;
        const int groupLast = attention_clamp(groupFirst + VALUE_ROWS - 1, 0, shape.queryLength - 1);
        for (int key = attention_visible_start(&shape, groupFirst); key < start; key++) scores[key] = 0;
        (jm_tensors_of(call)->sums)[line + row] = start < end ? weigh_row(scores + start, end - start, maximum) : 0;
        for (int key = end; key < attention_visible_end(&shape, groupLast); key++) scores[key] = 0;
    }
}
