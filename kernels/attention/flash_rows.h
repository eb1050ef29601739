// The rows of a work-group of flash, in either order of heads, over all or a part of the keys that they see.

#include "query_tile.h"
#include "value_rows.h"
#include "few_rows.h"

#define flash_rows JM(flash_rows)
#define flash_floats JM(flash_floats)
#define flash_target JM(flash_target)

/// Floats of scratch memory.
JM_INLINE size_t flash_floats(const joulemark_call *call) {
    const int size = attention_shape_of(call).headSize;
    return TILES_FLOATS(size) > FEW_ROWS_FLOATS(size) ? TILES_FLOATS(size) : FEW_ROWS_FLOATS(size);
}

/// What a work-group of flash stores: `output`, or a part's `partials` and `extremes`. All begin with the first key
/// head's.
typedef struct flash_target {
    jm_stored *output;
    float *partials, *extremes;
} flash_target;

/// FLASH_GROUP_ROWS rows of key head `head` from work-group `x` on, of `parts` parts of their keys that number `part`.
JM_INLINE void flash_rows(
    const joulemark_call *call, attention_order order, uint32_t x, uint32_t head, int part, int parts,
    flash_target target, void *scratch) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize;
    // Under a causal mask the last rows see most keys: they go first, so that no thread is left alone with a long
    // work-group at the end.
    const int rows = shape.queryLength * shape.group;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * FLASH_GROUP_ROWS;
    const jm_stored *queries = jm_tensors_of(call)->q + (ptrdiff_t)head * rows * size;
    const jm_stored *keys = jm_tensors_of(call)->k + (ptrdiff_t)head * shape.keyLength * size;
    const jm_stored *values = jm_tensors_of(call)->v + (ptrdiff_t)head * shape.keyLength * size;
    const float scale = jm_arguments_of(call)->scale;
    jm_stored *output = target.output ? target.output + (ptrdiff_t)head * rows * size : NULL;
    float *partials = target.partials ? target.partials + (ptrdiff_t)head * rows * size : NULL;
    float *extremes = target.extremes ? target.extremes + (ptrdiff_t)head * rows * 2 : NULL;

    row_tiles group;
    int start = attention_visible_start(&shape, 0), end = attention_visible_end(&shape, shape.queryLength - 1);
    if (rows > FEW_ROWS) {
        load_tiles(
            &group, &shape, order, queries, firstRow, attention_clamp(firstRow + FLASH_GROUP_ROWS, 0, rows), scale,
            scratch);
        start = group.start;
        end = group.end;
    }
    const int share = ((end > start ? end - start : 0) + parts - 1) / parts;
    const int first = start + part * share;
    const int last = first + share < end ? first + share : end;
    if (rows <= FEW_ROWS) {
        few_rows(&shape, queries, keys, values, scale, first, last, output, partials, extremes, scratch);
        return;
    }
    attend_tiles(&group, keys, values, size, first, last);
    for (int i = 0; i < group.count; i++) {
        if (partials) store_partial(&group.tiles[i], size, partials, extremes);
        else store_output(&group.tiles[i], size, output);
    }
}
