// Tokens times the weights of an expert. Include after experts.h.

#define moe_project JM(moe_project)

/// x · weights of one expert's tokens, for the columns of group `index`, into rows of `output` that are sorted by
/// expert.
JM_INLINE void moe_project(
    const joulemark_call *call, int expert, uint32_t index, const jm_stored *weights, jm_stored *output,
    float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const moe_rows range = moe_rows_of(jm_tensors_of(call)->expert_offsets, expert);
    const jm_stored *x = jm_tensors_of(call)->x;
    const jm_stored *matrix = weights + (ptrdiff_t)expert * shape.size * shape.hidden;
    const int32_t *slots = jm_tensors_of(call)->expert_slots;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.hidden, index, call->workGroups[0]);
    if (group.count == 0) return;
    for (int first = range.first; first < range.end; first += GROUP_ROWS) {
        const int count = moe_block_rows(range, first);
        const jm_stored *rows[GROUP_ROWS];
        for (int row = 0; row < count; row++)
            rows[row] = x + (ptrdiff_t)(slots[first + row] / shape.chosen) * shape.size;
        moe_product(
            rows, count, matrix, shape.hidden, shape.size, group, jm_block_rows(call),
            scratch + (ptrdiff_t)GROUP_ROWS * group.stride, scratch);
        jm_stored *to = output + (ptrdiff_t)first * shape.hidden + group.first;
        for (int row = 0; row < count; row++)
            jm_narrow(to + (ptrdiff_t)row * shape.hidden, scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
    }
}
