#include "selective-scan/unfused/discretize.bindings.h"

// Steps of the sequence that a work-group has: the rates of a vector's channels, N vectors in base 2 that are gathered
// from rows of A, are used 16 times.
#define STEPS 16

#define discretize_step JM(discretize_step)

/// exp(ΔA) and ΔBu of `lanes` channels from `channel` at one step.
JM_INLINE void discretize_step(
    jm_vec width, jm_vec drive, const float *rates, const float *b, int lanes, float *decay, float *state, int32_t D,
    int32_t N) {
    for (int32_t n = 0; n < N; n++) {
        const jm_vec factor = jm_exp2(width * jm_load(rates + n * JM_LANES));
        const jm_vec driven = drive * b[n];
        const size_t place = (size_t)n * (size_t)D;
        if (lanes == JM_LANES) {
            jm_store(decay + place, factor);
            jm_store(state + place, driven);
        } else {
            for (int32_t lane = 0; lane < lanes; lane++) {
                decay[place + (size_t)lane] = factor[lane];
                state[place + (size_t)lane] = driven[lane];
            }
        }
    }
}

JOULEMARK_STAGE((size_t)jm_arguments_of(call)->N *(JM_LANES + STEPS) * sizeof(float)) {
    const jm_stored *u = jm_tensors_of(call)->u, *delta = jm_tensors_of(call)->delta, *A = jm_tensors_of(call)->A,
                    *Bm = jm_tensors_of(call)->Bm;
    float *decay = jm_tensors_of(call)->decay, *state = jm_tensors_of(call)->state;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
    const int32_t first = STEPS * (int32_t)x, steps = L - first < STEPS ? L - first : STEPS;
    const size_t start = (size_t)y * (size_t)L + (size_t)first;
    float *rates = scratch;
    const float *b = jm_in_floats(Bm + start * (size_t)N, (size_t)(steps * N), rates + N * JM_LANES);
    for (int32_t channel = 0; channel < D; channel += JM_LANES) {
        const int32_t lanes = D - channel < JM_LANES ? D - channel : JM_LANES;
        for (int32_t n = 0; n < N; n++) {
            for (int32_t lane = 0; lane < JM_LANES; lane++)
                rates[n * JM_LANES + lane] = lane < lanes
                    ? jm_read_one(A + (size_t)(channel + lane) * (size_t)N + n) * 1.44269504f
                    : 0;
        }
        for (int32_t step = 0; step < steps; step++) {
            const size_t place = (start + (size_t)step) * (size_t)D + (size_t)channel;
            const size_t states = (start + (size_t)step) * (size_t)N * (size_t)D + (size_t)channel;
            const jm_vec width = jm_read_some(delta + place, lanes);
            const jm_vec drive = width * jm_read_some(u + place, lanes);
            discretize_step(width, drive, rates, b + step * N, lanes, decay + states, state + states, D, N);
        }
    }
}
