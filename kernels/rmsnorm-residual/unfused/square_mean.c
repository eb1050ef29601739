#define JM_F16_TOO
#include "joulemark_kernel.h"
#include <math.h>
#include "../row.h"

JOULEMARK_STAGE("rmsnorm-residual", "unfused", "square_mean", JM_STORAGE, 2, 3, 0) {
    const jm_stored *residual_out = call->buffers[0];
    float *inverse_rms = call->buffers[1];
    const int32_t T = call->arguments[0].integer, D = call->arguments[1].integer;
    for (int32_t row = 4 * (int32_t)x; row < T && row < 4 * ((int32_t)x + 1); row++) {
        const float mean = jm_sum_of_squares(residual_out + (size_t)row * (size_t)D, D) / (float)D;
        inverse_rms[row] = 1.0f / sqrtf(mean + call->arguments[2].real);
    }
}
