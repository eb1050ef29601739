// What the CPU stages of a mixture of experts share. Include after joulemark_kernel.h.
//
// A work-group has the columns of one group for all rows of one expert. Rows are gathered where they lie: the packing
// of joulemark_product.h takes them by their addresses. Column groups, not rows, are what threads share out, so that an
// expert's weights are packed once a block of rows, and a popular expert keeps all threads busy.
#include "joulemark_tile.h"
#include "joulemark_product.h"

#define moe_shape JM(moe_shape)
#define moe_shape_of JM(moe_shape_of)
#define moe_rows JM(moe_rows)
#define moe_rows_of JM(moe_rows_of)
#define moe_active_expert JM(moe_active_expert)
#define moe_block_rows JM(moe_block_rows)
#define moe_product JM(moe_product)

/// Parameters of a mixture of experts.
typedef struct moe_shape {
    int tokens, experts, chosen, size, hidden;
} moe_shape;

/// Rows of one expert among those sorted by expert.
typedef struct moe_rows {
    int first, end;
} moe_rows;

JM_INLINE moe_shape moe_shape_of(const joulemark_call *call) {
    const jm_arguments *values = jm_arguments_of(call);
    return (moe_shape){
        .tokens = values->T, .experts = values->E, .chosen = values->topk, .size = values->K, .hidden = values->N};
}

JM_INLINE moe_rows moe_rows_of(const int32_t *offsets, int expert) {
    return (moe_rows){.first = offsets[expert], .end = offsets[expert + 1]};
}

/// The expert that number `index` is among those of `count` that have a token; no further than the experts go.
JM_INLINE int moe_active_expert(const int32_t *offsets, int count, int index) {
    for (int expert = 0; expert < count; expert++) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (index-- == 0) return expert;
    }
    return 0;
}

/// Rows that are multiplied at a time, from `first` on.
JM_INLINE int moe_block_rows(moe_rows range, int first) {
    return range.end - first < GROUP_ROWS ? range.end - first : GROUP_ROWS;
}

/// Sums of up to GROUP_ROWS rows with the columns of `group` of a row-major matrix, as [row][group.stride].
static void __attribute__((unused, noinline)) moe_product(
    const jm_stored *const *rows, int count, const jm_stored *matrix, int columns, int depth, jm_column_group group,
    int blockRows, float *packing, float *sums) {
    if (count == 1) jm_row_product(rows[0], matrix + group.first, columns, depth, group.count, sums);
    else jm_product(rows, count, matrix, columns, depth, group, blockRows, packing, sums);
}
