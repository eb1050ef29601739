#include "selective-scan/unfused/scan.bindings.h"

// A work-group is one state of 64 channels: a cache line or more a step, and rows that the prefetcher follows.
JOULEMARK_STAGE(0) {
    const float *decay = jm_tensors_of(call)->decay;
    float *state = jm_tensors_of(call)->state;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
    const size_t stride = (size_t)N * (size_t)D;
    const size_t start = ((size_t)z * (size_t)L * (size_t)N + y) * (size_t)D;
    const int32_t end = 64 * ((int32_t)x + 1) < D ? 64 * ((int32_t)x + 1) : D;
    int32_t channel = 64 * (int32_t)x;
    jm_vec h[64 / JM_LANES] = {{0}};
    if (end - channel == 64) {
        for (size_t step = 0; step < (size_t)L; step++) {
            JM_UNROLL for (int part = 0; part < 64 / JM_LANES; part++) {
                const size_t place = start + step * stride + (size_t)(channel + part * JM_LANES);
                h[part] = jm_load(decay + place) * h[part] + jm_load(state + place);
                jm_store(state + place, h[part]);
            }
        }
        return;
    }
    for (; channel < end; channel++) {
        float value = 0;
        for (size_t step = 0; step < (size_t)L; step++) {
            const size_t place = start + step * stride + (size_t)channel;
            value = decay[place] * value + state[place];
            state[place] = value;
        }
    }
}
