#include "selective-scan/unfused/project.bindings.h"

JOULEMARK_STAGE((size_t)jm_arguments_of(call)->N * sizeof(float)) {
    const float *state = jm_tensors_of(call)->state;
    const jm_stored *Cm = jm_tensors_of(call)->Cm, *u = jm_tensors_of(call)->u, *Dv = jm_tensors_of(call)->Dv;
    jm_stored *projected = jm_tensors_of(call)->projected;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
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
