#include "gelu/fused/gelu.bindings.h"
#include "../gelu.h"

// A work-group is some 16384 elements in whole rows, so that a thread's share of a pass stays in its second-level
// cache.
JOULEMARK_STAGE(0) {
    const int D = jm_arguments_of(call)->D, rows = jm_constants_of(call)->ROWS;
    const int first = (int)x * rows,
              end = first + rows < jm_arguments_of(call)->T ? first + rows : jm_arguments_of(call)->T;
    const jm_stored *bias = jm_tensors_of(call)->bias;
    for (int row = first; row < end; row++) {
        const jm_stored *from = jm_tensors_of(call)->x + (ptrdiff_t)row * D;
        jm_stored *to = jm_tensors_of(call)->y + (ptrdiff_t)row * D;
        int i = 0;
        for (; i + JM_LANES <= D; i += JM_LANES) jm_write(to + i, jm_gelu(jm_read(from + i) + jm_read(bias + i)));
        if (i < D) jm_write_some(to + i, jm_gelu(jm_read_some(from + i, D - i) + jm_read_some(bias + i, D - i)), D - i);
    }
}
