#include "joulemark_kernel.h"

JOULEMARK_STAGE("selective-scan", "unfused", "project", "f32", 5, 4, 0) {
    const float *state = call->buffers[0], *Cm = call->buffers[1], *u = call->buffers[2], *Dv = call->buffers[3];
    float *projected = call->buffers[4];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, N = call->arguments[3].integer;
    const size_t step = (size_t)y * (size_t)L + x;
    const float *weights = Cm + step * (size_t)N;
    int32_t channel = 0;
    for (; channel + JM_LANES <= D; channel += JM_LANES) {
        jm_vec sum = jm_load(Dv + channel) * jm_load(u + step * (size_t)D + (size_t)channel);
        for (int32_t n = 0; n < N; n++)
            sum += jm_load(state + (step * (size_t)N + (size_t)n) * (size_t)D + (size_t)channel) * weights[n];
        jm_store(projected + step * (size_t)D + (size_t)channel, sum);
    }
    for (; channel < D; channel++) {
        float sum = Dv[channel] * u[step * (size_t)D + (size_t)channel];
        for (int32_t n = 0; n < N; n++)
            sum += state[(step * (size_t)N + (size_t)n) * (size_t)D + (size_t)channel] * weights[n];
        projected[step * (size_t)D + (size_t)channel] = sum;
    }
}
