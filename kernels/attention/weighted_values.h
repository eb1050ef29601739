// Weights times values by work-groups of 64 rows. Include after joulemark_tile.h, attention.h and value_rows.h.
//
// o = weights · v, where v already lies as panels: its rows are contiguous along the head size. Blocks of BLOCK_KEYS keys
// keep that part of v in L2 (256 · 64 · 4 = 64 KiB at D = 64) for all rows of the work-group, and a row tile's weights
// (8 · 256 · 4 = 8 KiB) in L1 for all columns. Weights are read from memory once.
#define GROUP_ROWS 64
#define BLOCK_KEYS 256
#define VALUE_ROWS 8  // as in the stage `softmax`

#define weighted_values JM(weighted_values)

/// The work-group (x, y) of the stage `values`. `sums` is NULL, or the sums of weights that rows are still to be divided by.
JM_INLINE void weighted_values(const joulemark_call *call, uint32_t x, uint32_t y, const float *sums) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, stride = shape.keyLength;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * GROUP_ROWS;
    const int endRow = attention_clamp(firstRow + GROUP_ROWS, 0, shape.queryLength);
    const float *weights = (const float *)call->buffers[0] + (ptrdiff_t)y * shape.queryLength * stride;
    const float *values = (const float *)call->buffers[1] + (ptrdiff_t)(y / (uint32_t)shape.group) * stride * size;
    float *output = (float *)call->buffers[call->bufferCount - 1] + (ptrdiff_t)y * shape.queryLength * size;

    const int start = attention_visible_start(&shape, firstRow), end = attention_visible_end(&shape, endRow - 1);
    for (int row = firstRow; row < endRow; row++) {
        for (int d = 0; d < size; d++) output[(ptrdiff_t)row * size + d] = 0;
    }
    for (int block = start; block < end; block += BLOCK_KEYS) {
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
                const float *right = values + (ptrdiff_t)first * size;
                float *to = output + (ptrdiff_t)row * size;
                if (rows == 1) value_rows(1, left, stride, right, size, last - first, to);
                else value_rows(JM_TILE_ROWS, left, stride, right, size, last - first, to);
            }
            row += rows;
        }
    }
    for (int row = firstRow; sums && row < endRow; row++) {
        const float sum = sums[(ptrdiff_t)y * shape.queryLength + row], factor = sum > 0 ? 1.0f / sum : 0.0f;
        for (int d = 0; d < size; d++) output[(ptrdiff_t)row * size + d] *= factor;
    }
}
