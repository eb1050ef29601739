#include "rmsnorm-residual/unfused/square_mean.bindings.h"
#include <math.h>
#include "../row.h"

JOULEMARK_STAGE(0) {
    const jm_stored *residual_out = jm_tensors_of(call)->residual_out;
    float *inverse_rms = jm_tensors_of(call)->inverse_rms;
    const int32_t T = jm_arguments_of(call)->T, D = jm_arguments_of(call)->D;
    for (int32_t row = GROUP_ROWS * (int32_t)x; row < T && row < GROUP_ROWS * ((int32_t)x + 1); row++) {
        const float mean = jm_sum_of_squares(residual_out + (size_t)row * (size_t)D, D) / (float)D;
        inverse_rms[row] = 1.0f / sqrtf(mean + jm_arguments_of(call)->epsilon);
    }
}
