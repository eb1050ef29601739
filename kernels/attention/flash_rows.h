// The rows of a work-group of flash, in either order of heads, over all or a part of the keys that they see.

#include "query_tile.h"
#include "value_rows.h"
#include "few_rows.h"

#define flash_rows JM(flash_rows)
#define flash_floats JM(flash_floats)

/// Floats of scratch memory.
JM_INLINE size_t flash_floats(const joulemark_call *call) {
    const int size = attention_shape_of(call).headSize;
    return TILES_FLOATS(size) > FEW_ROWS_FLOATS(size) ? TILES_FLOATS(size) : FEW_ROWS_FLOATS(size);
}

/// GROUP_ROWS rows of key head `head` from work-group `x` on, of `parts` parts of their keys that number `part`. `output` and
/// `extremes` are those of the part: see store_output.
JM_INLINE void flash_rows(
    const joulemark_call *call, attention_order order, uint32_t x, uint32_t head, int part, int parts, float *output,
    float *extremes, void *scratch) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize;
    // Under a causal mask the last rows see most keys: they go first, so that no thread is left alone with a long work-group
    // at the end.
    const int rows = shape.queryLength * shape.group;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * GROUP_ROWS;
    const float *queries = (const float *)call->buffers[0] + (ptrdiff_t)head * rows * size;
    const float *keys = (const float *)call->buffers[1] + (ptrdiff_t)head * shape.keyLength * size;
    const float *values = (const float *)call->buffers[2] + (ptrdiff_t)head * shape.keyLength * size;
    const float scale = call->arguments[8].real;
    output += (ptrdiff_t)head * rows * size;
    if (extremes) extremes += (ptrdiff_t)head * rows * 2;

    row_tiles group;
    int start = shape.keyLength, end = 0;
    if (rows <= FEW_ROWS) {
        start = attention_visible_start(&shape, 0);
        end = attention_visible_end(&shape, shape.queryLength - 1);
    } else {
        load_tiles(
            &group, &shape, order, queries, firstRow, attention_clamp(firstRow + GROUP_ROWS, 0, rows), scale, scratch);
        start = group.start;
        end = group.end;
    }
    const int share = ((end > start ? end - start : 0) + parts - 1) / parts;
    const int first = start + part * share;
    const int last = first + share < end ? first + share : end;
    if (rows <= FEW_ROWS) {
        few_rows(&shape, queries, keys, values, scale, first, last, output, extremes, scratch);
    } else {
        attend_tiles(&group, keys, values, size, first, last);
        store_tiles(&group, size, output, extremes);
    }
}
