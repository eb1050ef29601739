#include "joulemark_kernel.h"
#include "../../silu.h"

// A work-group is 16 channels: one cache line of u, Δ, z and y a step, so that no two threads write the same line.
#define channel_block JM(channel_block)
#define CHANNELS 16

/// JM_LANES channels from `first` through the whole sequence. `states` holds N vectors of rates (in base 2), then N of h.
/// With N known to the compiler the states live in registers as far as there are any.
JM_INLINE void channel_block(
    const joulemark_call *call, jm_vec *states, size_t sequence, int32_t first, int32_t lanes, int32_t L, int32_t D, int32_t N) {
    const float *u = call->buffers[0], *delta = call->buffers[1], *gate = call->buffers[2], *A = call->buffers[3];
    const float *Bm = call->buffers[4], *Cm = call->buffers[5], *Dv = call->buffers[6];
    float *output = call->buffers[7];
    jm_vec *rates = states, *h = states + N;
    jm_vec skip = jm_splat(0);
    for (int32_t n = 0; n < N; n++) {
        rates[n] = jm_splat(0);
        h[n] = jm_splat(0);
        for (int32_t lane = 0; lane < lanes; lane++)
            rates[n][lane] = A[(size_t)(first + lane) * (size_t)N + (size_t)n] * 1.44269504f;
    }
    for (int32_t lane = 0; lane < lanes; lane++) skip[lane] = Dv[first + lane];
    for (size_t step = 0; step < (size_t)L; step++) {
        const size_t place = (sequence + step) * (size_t)D + (size_t)first;
        jm_vec width = jm_splat(0), value = jm_splat(0), opening = jm_splat(0);
        if (lanes == JM_LANES) {
            width = jm_load(delta + place);
            value = jm_load(u + place);
            opening = jm_load(gate + place);
        } else {
            for (int32_t lane = 0; lane < lanes; lane++) {
                width[lane] = delta[place + (size_t)lane];
                value[lane] = u[place + (size_t)lane];
                opening[lane] = gate[place + (size_t)lane];
            }
        }
        const float *b = Bm + (sequence + step) * (size_t)N, *c = Cm + (sequence + step) * (size_t)N;
        const jm_vec drive = width * value;
        jm_vec sum = skip * value;
        for (int32_t n = 0; n < N; n++) {
            h[n] = jm_exp2(width * rates[n]) * h[n] + drive * b[n];
            sum += h[n] * c[n];
        }
        const jm_vec result = sum * jm_silu(opening);
        if (lanes == JM_LANES) {
            jm_store(output + place, result);
        } else {
            for (int32_t lane = 0; lane < lanes; lane++) output[place + (size_t)lane] = result[lane];
        }
    }
}

JOULEMARK_STAGE("selective-scan", "fused", "selective_scan", "f32", 8, 4,
                2 * (size_t)call->arguments[3].integer * sizeof(jm_vec)) {
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, N = call->arguments[3].integer;
    const int32_t end = CHANNELS * ((int32_t)x + 1) < D ? CHANNELS * ((int32_t)x + 1) : D;
    for (int32_t first = CHANNELS * (int32_t)x; first < end; first += JM_LANES) {
        const int32_t lanes = end - first < JM_LANES ? end - first : JM_LANES;
        const size_t sequence = (size_t)y * (size_t)L;
        if (N == 16) {
            channel_block(call, scratch, sequence, first, lanes, L, D, 16);
        } else {
            channel_block(call, scratch, sequence, first, lanes, L, D, N);
        }
    }
}
