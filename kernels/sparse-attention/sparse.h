// What the CPU stages of sparse attention share. Include after joulemark_kernel.h and joulemark_tile.h.

#include "../attention/attention.h"
#include "../attention/query_tile.h"

#define sparse_operands JM(sparse_operands)
#define sparse_operands_of JM(sparse_operands_of)
#define store_tiles JM(store_tiles)

/// The operands of one key head. Its rows are those of all its query heads, the same query of all of them side by side:
/// what a mask hides from one it hides from all.
typedef struct sparse_operands {
    attention_shape shape;
    const jm_stored *queries, *keys, *values;
    jm_stored *output;
    float scale;
    int rows;
    int block;
} sparse_operands;

/// Of key head `head`.
JM_INLINE sparse_operands sparse_operands_of(const joulemark_call *call, uint32_t head) {
    sparse_operands operands = {.shape = attention_shape_of(call)};
    const attention_shape *shape = &operands.shape;
    operands.rows = shape->queryLength * shape->group;
    operands.block = jm_arguments_of(call)->block;
    operands.scale = jm_arguments_of(call)->scale;
    const ptrdiff_t queries = (ptrdiff_t)head * operands.rows * shape->headSize;
    const ptrdiff_t keys = (ptrdiff_t)head * shape->keyLength * shape->headSize;
    operands.queries = jm_tensors_of(call)->q + queries;
    operands.keys = jm_tensors_of(call)->k + keys;
    operands.values = jm_tensors_of(call)->v + keys;
    operands.output = jm_tensors_of(call)->o + queries;
    return operands;
}

JM_INLINE void store_tiles(const row_tiles *group, const sparse_operands *operands) {
    for (int i = 0; i < group->count; i++) store_output(&group->tiles[i], operands->shape.headSize, operands->output);
}
