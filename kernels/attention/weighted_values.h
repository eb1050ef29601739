// Weights times values by work-groups of 64 rows. Include after joulemark_tile.h, attention.h and value_rows.h.
//
// o = weights · v, where v already lies as panels: its rows are contiguous along the head size. Blocks of BLOCK_KEYS keys
// keep that part of v in L2 (256 · 64 · 4 = 64 KiB at D = 64) for all rows of the work-group, and a row tile's weights
// (8 · 256 · 4 = 8 KiB) in L1 for all columns. Weights are read from memory once.
#define GROUP_ROWS 64
#define BLOCK_KEYS 256
#define VALUE_ROWS 8  // as in the stage `softmax`

/// Floats of scratch memory.
#undef WEIGHTED_FLOATS
#define WEIGHTED_FLOATS(size) JM_SPACE((GROUP_ROWS + BLOCK_KEYS) * (size))

#define weighted_values JM(weighted_values)

/// The work-group (x, y) of the stage `values`. `sums` is NULL, or the sums of weights that rows are still to be divided by.
JM_INLINE void weighted_values(const joulemark_call *call, uint32_t x, uint32_t y, const float *sums, void *scratch) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, stride = shape.keyLength;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * GROUP_ROWS;
    const int endRow = attention_clamp(firstRow + GROUP_ROWS, 0, shape.queryLength);
    const float *weights = (const float *)call->buffers[0] + (ptrdiff_t)y * shape.queryLength * stride;
    const jm_stored *values = (const jm_stored *)call->buffers[1] + (ptrdiff_t)(y / (uint32_t)shape.group) * stride * size;
    jm_stored *result =
        (jm_stored *)call->buffers[call->bufferCount - 1] + ((ptrdiff_t)y * shape.queryLength + firstRow) * size;
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
    for (int row = firstRow; sums && row < endRow; row++) {
        const float sum = sums[(ptrdiff_t)y * shape.queryLength + row], factor = sum > 0 ? 1.0f / sum : 0.0f;
        for (int d = 0; d < size; d++) output[(row - firstRow) * size + d] *= factor;
    }
    jm_narrow(result, output, (size_t)((endRow - firstRow) * size));
}
