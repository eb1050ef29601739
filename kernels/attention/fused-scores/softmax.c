#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../attention.h"
#include "../weigh_row.h"

// With the row's largest score known one pass serves: weights, and their sum, which the stage `values` divides by. As in
// `unfused`, what lies beyond a row's own keys, where others of its VALUE_ROWS rows see some, becomes zero.
#define GROUP_ROWS 64
#define VALUE_ROWS 8

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
