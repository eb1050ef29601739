#include "selective-scan/chunked/carry.bindings.h"

// states[c] becomes the state before chunk c, for 16 channels: h = exp(A · sum of the chunk's time steps) · h + what
// the chunk adds. A line of the states at a time, and the rates from the cache; chunks are few beside steps.
#define CHANNELS 16

JOULEMARK_STAGE(0) {
    const jm_stored *A = jm_tensors_of(call)->A;
    const float *widths = jm_tensors_of(call)->widths;
    float *states = jm_tensors_of(call)->states;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
    const int32_t chunks = (L + jm_arguments_of(call)->steps - 1) / jm_arguments_of(call)->steps;
    const int32_t first = CHANNELS * (int32_t)x, count = D - first < CHANNELS ? D - first : CHANNELS;
    for (int32_t n = 0; n < N; n++) {
        float rates[CHANNELS] = {0}, h[CHANNELS] = {0}, width[CHANNELS] = {0};
        for (int32_t i = 0; i < count; i++)
            rates[i] = jm_read_one(A + (size_t)(first + i) * (size_t)N + (size_t)n) * 1.44269504f;
        for (int32_t chunk = 0; chunk < chunks; chunk++) {
            const size_t cell = (size_t)y * (size_t)chunks + (size_t)chunk;
            float *state = states + (cell * (size_t)N + (size_t)n) * (size_t)D + (size_t)first;
            for (int32_t i = 0; i < count; i++) width[i] = widths[cell * (size_t)D + (size_t)(first + i)];
            for (int32_t part = 0; part < CHANNELS; part += JM_LANES) {
                float added[JM_LANES] = {0};
                const int32_t lanes = count - part < JM_LANES ? count - part : JM_LANES;
                const jm_vec before = jm_load(h + part);
                for (int32_t lane = 0; lane < lanes; lane++) {
                    added[lane] = state[part + lane];
                    state[part + lane] = before[lane];
                }
                const jm_vec decay = jm_exp2(jm_load(width + part) * jm_load(rates + part));
                jm_store(h + part, decay * before + jm_load(added));
            }
        }
    }
}
