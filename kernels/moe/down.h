// The second product of an expert. Include after experts.h.

#define moe_down_product JM(moe_down_product)
#define moe_down JM(moe_down)

/// Sums of hidden · w_down for `count` rows of one expert from `first` on.
JM_INLINE void moe_down_product(
    const joulemark_call *call, int expert, int first, int count, jm_column_group group, float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const jm_stored *hidden = jm_tensors_of(call)->hidden + (ptrdiff_t)first * shape.hidden;
    const jm_stored *matrix = jm_tensors_of(call)->w_down + (ptrdiff_t)expert * shape.size * shape.hidden;
    const jm_stored *rows[GROUP_ROWS];
    for (int row = 0; row < count; row++) rows[row] = hidden + (ptrdiff_t)row * shape.hidden;
    moe_product(
        rows, count, matrix, shape.size, shape.hidden, group, jm_block_rows(call),
        scratch + (ptrdiff_t)GROUP_ROWS * group.stride, scratch);
}

/// hidden · w_down of one expert's rows, for the columns of group `index`, each to the row of `output` that its slot
/// is.
JM_INLINE void moe_down(const joulemark_call *call, int expert, uint32_t index, jm_stored *output, float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const moe_rows range = moe_rows_of(jm_tensors_of(call)->expert_offsets, expert);
    const int32_t *slots = jm_tensors_of(call)->expert_slots;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.size, index, call->workGroups[0]);
    if (group.count == 0) return;
    for (int first = range.first; first < range.end; first += GROUP_ROWS) {
        const int count = moe_block_rows(range, first);
        moe_down_product(call, expert, first, count, group, scratch);
        for (int row = 0; row < count; row++) {
            jm_stored *to = output + (ptrdiff_t)slots[first + row] * shape.size + group.first;
            jm_narrow(to, scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
        }
    }
}
