#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../value_rows.h"

// o = weights · v, where v already lies as panels: its rows are contiguous along the head size. Blocks of BLOCK_KEYS keys
// keep that part of v in L2 (256 · 64 · 4 = 64 KiB at D = 64) for all rows of the work-group, and a row tile's weights
// (8 · 256 · 4 = 8 KiB) in L1 for all columns. Weights are read from memory once.
#define GROUP_ROWS 64
#define BLOCK_KEYS 256
#define VALUE_ROWS 8  // as in softmax.c

JOULEMARK_STAGE("attention", "unfused", "values", JM_STORAGE, 3, 8, 4 * JM_SPACE((GROUP_ROWS + BLOCK_KEYS) * attention_shape_of(call).headSize)) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, stride = shape.keyLength;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * GROUP_ROWS;
    const int endRow = attention_clamp(firstRow + GROUP_ROWS, 0, shape.queryLength);
    const float *weights = (const float *)call->buffers[0] + (ptrdiff_t)y * shape.queryLength * stride;
    const jm_stored *values = (const jm_stored *)call->buffers[1] + (ptrdiff_t)(y / (uint32_t)shape.group) * stride * size;
    jm_stored *result = (jm_stored *)call->buffers[2] + ((ptrdiff_t)y * shape.queryLength + firstRow) * size;
    float *output = jm_floats_for(result, scratch);

    const int start = attention_visible_start(&shape, firstRow), end = attention_visible_end(&shape, endRow - 1);
    for (int i = 0; i < (endRow - firstRow) * size; i++) output[i] = 0;
    for (int block = start; block < end; block += BLOCK_KEYS) {
        const int count = end - block < BLOCK_KEYS ? end - block : BLOCK_KEYS;
        const float *blockValues =
            jm_in_floats(values + (ptrdiff_t)block * size, (size_t)(count * size), (float *)scratch + GROUP_ROWS * size);
        for (int row = firstRow; row < endRow;) {
            const int rows = endRow - row >= JM_TILE_ROWS ? JM_TILE_ROWS : 1;
            const int groupFirst = row / VALUE_ROWS * VALUE_ROWS;
            const int groupLast = attention_clamp(groupFirst + VALUE_ROWS - 1, 0, shape.queryLength - 1);
            const int groupStart = attention_visible_start(&shape, groupFirst);
            const int groupEnd = attention_visible_end(&shape, groupLast);
            const int first = block > groupStart ? block : groupStart;
            const int last = block + BLOCK_KEYS < groupEnd ? block + BLOCK_KEYS : groupEnd;
            if (first < last) {
                const float *left = weights + (ptrdiff_t)row * stride + first;
                const float *right = blockValues + (first - block) * size;
                float *to = output + (row - firstRow) * size;
                if (rows == 1) value_rows(1, left, stride, right, size, last - first, to);
                else value_rows(JM_TILE_ROWS, left, stride, right, size, last - first, to);
            }
            row += rows;
        }
    }
    jm_narrow(result, output, (size_t)((endRow - firstRow) * size));
}
