// hidden = silu(x · w_gate) · (x · w_up) of one expert's tokens, for one group of columns. Both products' sums lie in
// scratch memory side by side, so that neither is written before they meet. Include after experts.h.
#include "../silu.h"

#define moe_hidden JM(moe_hidden)
#define moe_gated JM(moe_gated)

/// gates = silu(gates) · ups, in whole vectors.
JM_INLINE void moe_gated(float *gates, const float *ups, int count) {
    for (int i = 0; i < count; i += JM_LANES) jm_store(gates + i, jm_silu(jm_load(gates + i)) * jm_load(ups + i));
}

JM_INLINE void moe_hidden(const joulemark_call *call, int expert, uint32_t index, float *scratch) {
    const moe_shape shape = moe_shape_of(call);
    const moe_rows range = moe_rows_of(jm_tensors_of(call)->expert_offsets, expert);
    const ptrdiff_t place = (ptrdiff_t)expert * shape.size * shape.hidden;
    const jm_stored *x = jm_tensors_of(call)->x;
    const jm_stored *gate = jm_tensors_of(call)->w_gate + place, *up = jm_tensors_of(call)->w_up + place;
    const int32_t *slots = jm_tensors_of(call)->expert_slots;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.hidden, index, call->workGroups[0]);
    if (group.count == 0) return;
    float *gates = scratch, *ups = gates + (ptrdiff_t)GROUP_ROWS * group.stride;
    float *packing = ups + (ptrdiff_t)GROUP_ROWS * group.stride;
    for (int first = range.first; first < range.end; first += GROUP_ROWS) {
        const int count = moe_block_rows(range, first);
        const jm_stored *rows[GROUP_ROWS];
        for (int row = 0; row < count; row++)
            rows[row] = x + (ptrdiff_t)(slots[first + row] / shape.chosen) * shape.size;
        moe_product(rows, count, gate, shape.hidden, shape.size, group, jm_block_rows(call), packing, gates);
        moe_product(rows, count, up, shape.hidden, shape.size, group, jm_block_rows(call), packing, ups);
        for (int row = 0; row < count; row++) {
            const ptrdiff_t start = (ptrdiff_t)row * group.stride;
            moe_gated(gates + start, ups + start, group.count);
            jm_narrow(
                jm_tensors_of(call)->hidden + (ptrdiff_t)(first + row) * shape.hidden + group.first, gates + start,
                (size_t)group.count);
        }
    }
}
