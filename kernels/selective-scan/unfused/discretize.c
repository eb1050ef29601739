#include "joulemark_kernel.h"

// One step of the sequence a work-group. The rates are transposed into the scratch, in base 2, once a work-group: N · D
// loads against as many exponentials.
JOULEMARK_STAGE("selective-scan", "unfused", "discretize", "f32", 6, 4, (size_t)JM_LANES * sizeof(float)) {
    const float *u = call->buffers[0], *delta = call->buffers[1], *A = call->buffers[2], *Bm = call->buffers[3];
    float *decay = call->buffers[4], *state = call->buffers[5];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, N = call->arguments[3].integer;
    const size_t step = (size_t)y * (size_t)L + x;
    float *rates = scratch;
    for (int32_t channel = 0; channel < D; channel += JM_LANES) {
        const int32_t lanes = D - channel < JM_LANES ? D - channel : JM_LANES;
        jm_vec width = jm_splat(0), value = jm_splat(0);
        for (int32_t lane = 0; lane < lanes; lane++) {
            width[lane] = delta[step * (size_t)D + (size_t)(channel + lane)];
            value[lane] = u[step * (size_t)D + (size_t)(channel + lane)];
        }
        const jm_vec drive = width * value;
        for (int32_t n = 0; n < N; n++) {
            for (int32_t lane = 0; lane < JM_LANES; lane++)
                rates[lane] = lane < lanes ? A[(size_t)(channel + lane) * (size_t)N + n] * 1.44269504f : 0.0f;
            const jm_vec factor = jm_exp2(width * jm_load(rates));
            const jm_vec driven = drive * Bm[step * (size_t)N + n];
            const size_t place = (step * (size_t)N + (size_t)n) * (size_t)D + (size_t)channel;
            if (lanes == JM_LANES) {
                jm_store(decay + place, factor);
                jm_store(state + place, driven);
            } else {
                for (int32_t lane = 0; lane < lanes; lane++) {
                    decay[place + lane] = factor[lane];
                    state[place + lane] = driven[lane];
                }
            }
        }
    }
}
