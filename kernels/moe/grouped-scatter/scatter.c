#include "moe/grouped-scatter/scatter.bindings.h"
#include "../experts.h"
#include "../down.h"

#define add_row JM(add_row)

/// y += weight · sums.
JM_INLINE void add_row(jm_stored *y, float weight, const float *sums, int count) {
    for (int i = 0; i < count; i += JM_LANES) {
        const int rest = count - i < JM_LANES ? count - i : JM_LANES;
        jm_write_some(y + i, jm_read_some(y + i, rest) + jm_splat(weight) * jm_load(sums + i), rest);
    }
}

// A work-group has its columns of y for itself and goes through all experts: two of a token's experts never meet in two
// threads, so that nothing is atomic and the order of additions is always the same.
JOULEMARK_STAGE(4 * jm_product_floats(call, moe_shape_of(call).size, call->workGroups[0], 1)) {
    const moe_shape shape = moe_shape_of(call);
    const int32_t *offsets = jm_tensors_of(call)->expert_offsets, *slots = jm_tensors_of(call)->expert_slots;
    const jm_stored *weights = jm_tensors_of(call)->weight;
    float *sums = scratch;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, shape.size, x, call->workGroups[0]);
    if (group.count == 0) return;
    for (int expert = 0; expert < shape.experts; expert++) {
        const moe_rows range = moe_rows_of(offsets, expert);
        for (int first = range.first; first < range.end; first += GROUP_ROWS) {
            const int count = moe_block_rows(range, first);
            moe_down_product(call, expert, first, count, group, sums);
            for (int row = 0; row < count; row++) {
                const int slot = slots[first + row];
                jm_stored *output = jm_tensors_of(call)->y + (ptrdiff_t)(slot / shape.chosen) * shape.size
                    + group.first;
                add_row(output, jm_read_one(weights + slot), sums + (ptrdiff_t)row * group.stride, group.count);
            }
        }
    }
}
