#include "spmm/merge-path/fix_up.bindings.h"
#include "../columns.h"

// Adds what partitions carried out to the rows that later ones finished. There is one carry a thread's share at most,
// so that one work-group does.
JOULEMARK_STAGE(0) {
    const spmm_shape shape = spmm_shape_of(call);
    const int32_t *carryRows = jm_tensors_of(call)->carry_rows;
    for (int part = 0; part < jm_arguments_of(call)->partitions; part++) {
        if (carryRows[part] >= shape.rows) continue;
        const float *from = jm_tensors_of(call)->carry_values + (ptrdiff_t)part * shape.columns;
        jm_stored *to = jm_tensors_of(call)->c + (ptrdiff_t)carryRows[part] * shape.columns;
        for (int i = 0; i < shape.columns; i += JM_LANES) {
            const int count = shape.columns - i;
            float carried[JM_LANES] = {0};
            for (int lane = 0; lane < JM_LANES && lane < count; lane++) carried[lane] = from[i + lane];
            jm_write_some(to + i, jm_read_some(to + i, count) + jm_load(carried), count);
        }
    }
}
