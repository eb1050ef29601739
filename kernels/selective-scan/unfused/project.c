#define JM_F16_TOO
#include "joulemark_kernel.h"

JOULEMARK_STAGE("selective-scan", "unfused", "project", JM_STORAGE, 5, 4, (size_t)call->arguments[3].integer * sizeof(float)) {
    const float *state = call->buffers[0];
    const jm_stored *Cm = call->buffers[1], *u = call->buffers[2], *Dv = call->buffers[3];
    jm_stored *projected = call->buffers[4];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, N = call->arguments[3].integer;
    const size_t step = (size_t)y * (size_t)L + x, line = step * (size_t)D;
    const float *weights = jm_in_floats(Cm + step * (size_t)N, (size_t)N, scratch);
    int32_t channel = 0;
    for (; channel + JM_LANES <= D; channel += JM_LANES) {
        jm_vec sum = jm_read(Dv + channel) * jm_read(u + line + (size_t)channel);
        for (int32_t n = 0; n < N; n++)
            sum += jm_load(state + (step * (size_t)N + (size_t)n) * (size_t)D + (size_t)channel) * weights[n];
        jm_write(projected + line + (size_t)channel, sum);
    }
    for (; channel < D; channel++) {
        float sum = jm_read_one(Dv + channel) * jm_read_one(u + line + (size_t)channel);
        for (int32_t n = 0; n < N; n++)
            sum += state[(step * (size_t)N + (size_t)n) * (size_t)D + (size_t)channel] * weights[n];
        jm_write_one(projected + line + (size_t)channel, sum);
    }
}
