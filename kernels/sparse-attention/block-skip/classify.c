#include "sparse-attention/block-skip/classify.bindings.h"
#include "../../attention/attention.h"

// Two bits a tile of tileRows rows by 64 keys: 0 where the mask shows nothing of it, 2 where it shows all, 1 else. The
// lines of the rows' queries are joined word by word, by `or` and by `and`, in vectors.
#define TILE_WORDS 2

#define mask_words JM(mask_words)
#define class_words JM(class_words)

JM_INLINE int mask_words(const joulemark_call *call) { return (attention_shape_of(call).keyLength + 31) / 32; }
JM_INLINE int class_words(const joulemark_call *call) { return (attention_shape_of(call).keyLength + 1023) / 1024; }

JOULEMARK_STAGE(8 * (size_t)(mask_words(call) + 1)) {
    const attention_shape shape = attention_shape_of(call);
    const int words = mask_words(call), tileRows = jm_arguments_of(call)->tileRows;
    const int rows = shape.queryLength * shape.group;
    const int firstRow = (int)x * tileRows, lastRow = attention_clamp(firstRow + tileRows, 0, rows) - 1;
    uint32_t *any = scratch, *all = any + words + 1;
    for (int word = 0; word <= words; word++) {
        any[word] = 0;
        all[word] = word < words ? 0xFFFFFFFF : 0;
    }
    for (int query = firstRow / shape.group; query <= lastRow / shape.group; query++) {
        const uint32_t *line = (const uint32_t *)jm_tensors_of(call)->mask_bits + (ptrdiff_t)query * words;
        for (int word = 0; word < words; word++) {
            any[word] |= line[word];
            all[word] &= line[word];
        }
    }
    uint32_t *classes = (uint32_t *)jm_tensors_of(call)->classes + (ptrdiff_t)x * class_words(call);
    for (int word = 0; word < class_words(call); word++) {
        uint32_t packed = 0;
        for (int tile = 16 * word; tile < 16 * word + 16 && TILE_WORDS * tile < words; tile++) {
            const uint32_t *tileAny = any + TILE_WORDS * tile, *tileAll = all + TILE_WORDS * tile;
            // Without a choice between them, both are read at once; a compiler gathers what it need not always read.
            const uint32_t some = tileAny[0] | tileAny[1], every = tileAll[0] & tileAll[1];
            const uint32_t shown = (uint32_t)(some != 0) + (uint32_t)(every == 0xFFFFFFFF);
            packed |= shown << (2 * (tile - 16 * word));
        }
        classes[word] = packed;
    }
}
