#include "joulemark_kernel.h"
#include <math.h>
#include "../row.h"

// Four rows a work-group, one after the other: a row of any model's width (16 KiB at D=4096) is still in the first-level
// or second-level cache when its second pass reads it back.
JOULEMARK_STAGE("rmsnorm-residual", "fused", "rmsnorm_residual", "f32", 5, 3, 0) {
    const float *input = call->buffers[0], *residual = call->buffers[1], *weight = call->buffers[2];
    float *output = call->buffers[3], *residual_out = call->buffers[4];
    const int32_t T = call->arguments[0].integer, D = call->arguments[1].integer;
    for (int32_t row = 4 * (int32_t)x; row < T && row < 4 * ((int32_t)x + 1); row++) {
        const size_t start = (size_t)row * (size_t)D;
        int32_t i = 0;
        for (; i + JM_LANES <= D; i += JM_LANES)
            jm_store(residual_out + start + i, jm_load(input + start + i) + jm_load(residual + start + i));
        for (; i < D; i++) residual_out[start + i] = input[start + i] + residual[start + i];
        const float mean = jm_sum_of_squares(residual_out + start, D) / (float)D;
        jm_normalize_row(output + start, residual_out + start, weight, 1.0f / sqrtf(mean + call->arguments[2].real), D);
    }
}
