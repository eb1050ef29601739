// What the CPU stages of a mixture of experts share. Include after joulemark_kernel.h.
//
// A work-group has the columns of one group for all rows of one expert. Rows are gathered where they lie: the packing of
// joulemark_product.h takes them by their addresses. Column groups, not rows, are what threads share out, so that an expert's
// weights are packed once a block of rows, and a popular expert keeps all threads busy.
#include "joulemark_tile.h"
#include "joulemark_product.h"

#define moe_shape JM(moe_shape)
#define moe_shape_of JM(moe_shape_of)
#define moe_rows JM(moe_rows)
#define moe_rows_of JM(moe_rows_of)
#define moe_active_expert JM(moe_active_expert)
#define moe_block_rows JM(moe_block_rows)
#define moe_product JM(moe_product)
#define moe_down_product JM(moe_down_product)
#define moe_project JM(moe_project)
#define moe_down JM(moe_down)

/// Parameters in the order of family.json.
typedef struct moe_shape {
    int tokens, experts, chosen, size, hidden;
} moe_shape;

/// Rows of one expert among those sorted by expert.
typedef struct moe_rows {
    int first, end;
} moe_rows;

JM_INLINE moe_shape moe_shape_of(const joulemark_call *call) {
    const joulemark_value *values = call->arguments;
    return (moe_shape){
        .tokens = values[0].integer, .experts = values[1].integer, .chosen = values[2].integer,
        .size = values[3].integer, .hidden = values[4].integer};
}

JM_INLINE moe_rows moe_rows_of(const int32_t *offsets, int expert) {
    return (moe_rows){.first = offsets[expert], .end = offsets[expert + 1]};
}

/// The expert whose turn it is among those that have a token.
JM_INLINE int moe_active_expert(const int32_t *offsets, int turn) {
    int expert = 0;
    for (;; expert++) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (turn-- == 0) return expert;
    }
}

/// Rows that are multiplied at a time, from `first` on.
JM_INLINE int moe_block_rows(moe_rows range, int first) {
    return range.end - first < JM_GROUP_ROWS ? range.end - first : JM_GROUP_ROWS;
}

/// Sums of up to JM_GROUP_ROWS rows with the columns of `group` of a row-major matrix, as [row][group.stride].
static void __attribute__((unused, noinline)) moe_product(
    const jm_stored *const *rows, int count, const jm_stored *matrix, int columns, int depth, jm_column_group group,
    int blockRows, float *packing, float *sums) {
    if (count == 1) jm_row_product(rows[0], matrix + group.first, columns, depth, group.count, sums);
    else jm_product(rows, count, matrix, columns, depth, group, blockRows, packing, sums);
}

/// x · w of one expert's tokens, for the columns of group `index`, into rows sorted by expert.
JM_INLINE void moe_project(const joulemark_call *call, int expert, uint32_t index, float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const moe_rows range = moe_rows_of(call->buffers[2], expert);
    const jm_stored *x = call->buffers[0];
    const jm_stored *matrix = (const jm_stored *)call->buffers[1] + (ptrdiff_t)expert * shape.size * shape.hidden;
    const int32_t *slots = call->buffers[3];
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.hidden, index, call->workGroups[0]);
    if (group.count == 0) return;
    for (int first = range.first; first < range.end; first += JM_GROUP_ROWS) {
        const int count = moe_block_rows(range, first);
        const jm_stored *rows[JM_GROUP_ROWS];
        for (int row = 0; row < count; row++) rows[row] = x + (ptrdiff_t)(slots[first + row] / shape.chosen) * shape.size;
        moe_product(
            rows, count, matrix, shape.hidden, shape.size, group, jm_block_rows(call),
            scratch + (ptrdiff_t)JM_GROUP_ROWS * group.stride, scratch);
        jm_stored *to = (jm_stored *)call->buffers[4] + (ptrdiff_t)first * shape.hidden + group.first;
        for (int row = 0; row < count; row++)
            jm_narrow(
                to + (ptrdiff_t)row * shape.hidden, scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
    }
}

/// Sums of hidden · w_down for `count` rows of one expert from `first` on.
JM_INLINE void moe_down_product(
    const joulemark_call *call, int expert, int first, int count, jm_column_group group, float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const jm_stored *hidden = (const jm_stored *)call->buffers[0] + (ptrdiff_t)first * shape.hidden;
    const jm_stored *matrix = (const jm_stored *)call->buffers[1] + (ptrdiff_t)expert * shape.size * shape.hidden;
    const jm_stored *rows[JM_GROUP_ROWS];
    for (int row = 0; row < count; row++) rows[row] = hidden + (ptrdiff_t)row * shape.hidden;
    moe_product(
        rows, count, matrix, shape.size, shape.hidden, group, jm_block_rows(call),
        scratch + (ptrdiff_t)JM_GROUP_ROWS * group.stride, scratch);
}

/// hidden · w_down of one expert's rows, for the columns of group `index`, each to the place of its slot.
JM_INLINE void moe_down(const joulemark_call *call, int expert, uint32_t index, float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const moe_rows range = moe_rows_of(call->buffers[2], expert);
    const int32_t *slots = call->buffers[3];
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.size, index, call->workGroups[0]);
    if (group.count == 0) return;
    for (int first = range.first; first < range.end; first += JM_GROUP_ROWS) {
        const int count = moe_block_rows(range, first);
        moe_down_product(call, expert, first, count, group, scratch);
        for (int row = 0; row < count; row++) {
            jm_stored *to = (jm_stored *)call->buffers[4] + (ptrdiff_t)slots[first + row] * shape.size + group.first;
            jm_narrow(to, scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
        }
    }
}
