// A layer of some tokens. Include after the bindings and silu.h.
#include "joulemark_tile.h"
#include "joulemark_product.h"

#define exit_layer JM(exit_layer)

/// x + silu(x · w) of `count` rows, for the columns of a group: `rows` of the state before, and where in the state
/// after each belongs; to `ends` too where that is not null.
JM_INLINE void exit_layer(
    const jm_stored *const *rows, jm_stored *const *after, jm_stored *const *ends, int count, const jm_stored *w,
    int size, jm_column_group group, int blockRows, float *scratch) {
    if (count == 1) jm_row_product(rows[0], w + group.first, size, size, group.count, scratch);
    else
        jm_product(
            rows, count, w, size, size, group, blockRows, scratch + (ptrdiff_t)GROUP_ROWS * group.stride, scratch);
    for (int row = 0; row < count; row++) {
        const float *sums = scratch + (ptrdiff_t)row * group.stride;
        for (int i = 0; i < group.count; i += JM_LANES) {
            const int rest = group.count - i < JM_LANES ? group.count - i : JM_LANES, column = group.first + i;
            const jm_vec value = jm_read_some(rows[row] + column, rest) + jm_silu(jm_load(sums + i));
            jm_write_some(after[row] + column, value, rest);
            if (ends[row]) jm_write_some(ends[row] + column, value, rest);
        }
    }
}
