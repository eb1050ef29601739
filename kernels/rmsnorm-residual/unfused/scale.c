#include "rmsnorm-residual/unfused/scale.bindings.h"
#include "../row.h"

JOULEMARK_STAGE(0) {
    const jm_stored *residual_out = jm_tensors_of(call)->residual_out, *weight = jm_tensors_of(call)->weight;
    const float *inverse_rms = jm_tensors_of(call)->inverse_rms;
    jm_stored *output = jm_tensors_of(call)->y;
    const int32_t T = jm_arguments_of(call)->T, D = jm_arguments_of(call)->D;
    for (int32_t row = GROUP_ROWS * (int32_t)x; row < T && row < GROUP_ROWS * ((int32_t)x + 1); row++) {
        const size_t start = (size_t)row * (size_t)D;
        jm_normalize_row(output + start, residual_out + start, weight, inverse_rms[row], D);
    }
}
