#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"

// A work-group is 16 channels: one cache line of u, Δ, z and y a step, so that no two threads write the same line.
//
// The limit is arithmetic: a state takes an exponential (about 12 operations) and 3 multiply-adds, against a few bytes. With
// AVX2 the 16 states of a vector of channels cannot stay in 16 registers beside the polynomial's coefficients; they and
// their rates come from L1 (1 KiB), two loads and a store for 15 operations.
#define channel_block JM(channel_block)
#define CHANNELS 16
#define MOST_STATES 64  // as strategy.json has it

/// `lanes` channels from `first` through the whole sequence. `states` holds N vectors of rates (in base 2), then N of h.
/// With N known to the compiler the states live in registers as far as there are any.
JM_INLINE void channel_block(
    const joulemark_call *call, jm_vec *states, size_t sequence, int32_t first, int32_t lanes, int32_t L, int32_t D, int32_t N) {
    const jm_stored *u = call->buffers[0], *delta = call->buffers[1], *gate = call->buffers[2], *A = call->buffers[3];
    const jm_stored *Bm = call->buffers[4], *Cm = call->buffers[5], *Dv = call->buffers[6];
    jm_stored *output = call->buffers[7];
    jm_vec *rates = states, *h = states + N;
    float space[2 * MOST_STATES];
    for (int32_t n = 0; n < N; n++) {
        rates[n] = jm_splat(0);
        h[n] = jm_splat(0);
        for (int32_t lane = 0; lane < lanes; lane++)
            rates[n][lane] = jm_read_one(A + (size_t)(first + lane) * (size_t)N + (size_t)n) * 1.44269504f;
    }
    const jm_vec skip = jm_read_some(Dv + first, lanes);
    for (size_t step = 0; step < (size_t)L; step++) {
        const size_t place = (sequence + step) * (size_t)D + (size_t)first;
        const jm_vec width = jm_read_some(delta + place, lanes), value = jm_read_some(u + place, lanes);
        const float *b = jm_in_floats(Bm + (sequence + step) * (size_t)N, (size_t)N, space);
        const float *c = jm_in_floats(Cm + (sequence + step) * (size_t)N, (size_t)N, space + MOST_STATES);
        const jm_vec drive = width * value;
        jm_vec sum = skip * value;
        for (int32_t n = 0; n < N; n++) {
            h[n] = jm_exp2(width * rates[n]) * h[n] + drive * b[n];
            sum += h[n] * c[n];
        }
        jm_write_some(output + place, sum * jm_silu(jm_read_some(gate + place, lanes)), lanes);
    }
}

JOULEMARK_STAGE("selective-scan", "fused", "selective_scan", JM_STORAGE, 8, 4,
                2 * (size_t)call->arguments[3].integer * sizeof(jm_vec)) {
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, N = call->arguments[3].integer;
    const int32_t end = CHANNELS * ((int32_t)x + 1) < D ? CHANNELS * ((int32_t)x + 1) : D;
    for (int32_t first = CHANNELS * (int32_t)x; first < end; first += JM_LANES) {
        const int32_t lanes = end - first < JM_LANES ? end - first : JM_LANES;
        const size_t sequence = (size_t)y * (size_t)L;
        if (N == 16 && lanes == JM_LANES) {
            channel_block(call, scratch, sequence, first, JM_LANES, L, D, 16);
        } else {
            channel_block(call, scratch, sequence, first, lanes, L, D, N);
        }
    }
}
