#include "rmsnorm-residual/fused/rmsnorm_residual.bindings.h"
#include <math.h>
#include "../row.h"

// Four rows a work-group, one after the other: a row of any model's width (16 KiB at D=4096) is still in the
// first-level or second-level cache when its second pass reads it back.
JOULEMARK_STAGE(0) {
    const jm_stored *input = jm_tensors_of(call)->x, *residual = jm_tensors_of(call)->residual,
                    *weight = jm_tensors_of(call)->weight;
    jm_stored *output = jm_tensors_of(call)->y, *residual_out = jm_tensors_of(call)->residual_out;
    const int32_t T = jm_arguments_of(call)->T, D = jm_arguments_of(call)->D;
    for (int32_t row = GROUP_ROWS * (int32_t)x; row < T && row < GROUP_ROWS * ((int32_t)x + 1); row++) {
        const size_t start = (size_t)row * (size_t)D;
        int32_t i = 0;
        for (; i + JM_LANES <= D; i += JM_LANES)
            jm_write(residual_out + start + i, jm_read(input + start + i) + jm_read(residual + start + i));
        const int rest = D - i;
        if (rest > 0)
            jm_write_some(
                residual_out + start + i,
                jm_read_some(input + start + i, rest) + jm_read_some(residual + start + i, rest), rest);
        const float mean = jm_sum_of_squares(residual_out + start, D) / (float)D;
        jm_normalize_row(
            output + start, residual_out + start, weight, 1.0f / sqrtf(mean + jm_arguments_of(call)->epsilon), D);
    }
}
