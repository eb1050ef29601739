#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../row.h"

JOULEMARK_STAGE("rmsnorm-residual", "unfused", "scale", JM_STORAGE, 4, 2, 0) {
    const jm_stored *residual_out = call->buffers[0], *weight = call->buffers[2];
    const float *inverse_rms = call->buffers[1];
    jm_stored *output = call->buffers[3];
    const int32_t T = call->arguments[0].integer, D = call->arguments[1].integer;
    for (int32_t row = 4 * (int32_t)x; row < T && row < 4 * ((int32_t)x + 1); row++) {
        const size_t start = (size_t)row * (size_t)D;
        jm_normalize_row(output + start, residual_out + start, weight, inverse_rms[row], D);
    }
}
