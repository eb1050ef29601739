#include "sparse-attention/block-skip/skipping.bindings.h"
#include "joulemark_tile.h"
#include "../sparse.h"

// Dense attention that leaves out blocks of which the mask shows nothing, and reads the bits only of those that it
// shows in part.
#define CLASS_KEYS 64

#define shown_of JM(shown_of)

/// What the mask shows of CLASS_KEYS keys to a tile's rows, which may lie in several tiles of the classes: 0 nothing, 2
/// all.
JM_INLINE uint32_t shown_of(const uint32_t *classes, int classWords, int firstTile, int lastTile, int key) {
    uint32_t shown = 2, any = 0;
    for (int tile = firstTile; tile <= lastTile; tile++) {
        const uint32_t word = classes[(ptrdiff_t)tile * classWords + key / 1024];
        const uint32_t found = word >> (key / CLASS_KEYS * 2 % 32) & 3;
        any |= found;
        shown = found < shown ? found : shown;
    }
    return any == 0 ? 0 : shown == 2 ? 2 : 1;
}

JOULEMARK_STAGE(4 * TILES_FLOATS(attention_shape_of(call).headSize)) {
    const sparse_operands operands = sparse_operands_of(call, y);
    const int size = operands.shape.headSize, length = operands.shape.keyLength;
    const int classWords = (length + 1023) / 1024, tileRows = jm_arguments_of(call)->tileRows;
    const uint32_t *classes = (const uint32_t *)jm_tensors_of(call)->classes;
    const row_mask mask = {(const uint32_t *)jm_tensors_of(call)->mask_bits, (length + 31) / 32};
    const int firstRow = (int)x * FLASH_GROUP_ROWS;
    row_tiles group;
    load_tiles(
        &group, &operands.shape, HEADS_TOGETHER, operands.queries, firstRow,
        attention_clamp(firstRow + FLASH_GROUP_ROWS, 0, operands.rows), operands.scale, scratch);
    for (int key = 0; key < length; key += CLASS_KEYS) {
        const int end = key + CLASS_KEYS < length ? key + CLASS_KEYS : length;
        int isLoaded = 0;
        for (int i = 0; i < group.count; i++) {
            query_tile *tile = &group.tiles[i];
            const int row = firstRow + i * JM_TILE_LANES;
            const uint32_t shown = shown_of(
                classes, classWords, row / tileRows, (row + tile->rows - 1) / tileRows, key);
            // Without a mask, attend_block hides what causality and the window hide: nothing, where the bits show all.
            if (shown == 0) continue;
            if (!isLoaded) load_block(&group, operands.keys, operands.values, size, key, end);
            isLoaded = 1;
            attend_block(&group, tile, size, key, end, shown == 1 ? &mask : NULL);
        }
    }
    store_tiles(&group, &operands);
}
