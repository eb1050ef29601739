#include "selective-scan/fused/selective_scan.bindings.h"
#include "../../silu.h"

// A work-group is 16 channels: one cache line of u, Δ, z and y a step, so that no two threads write the same line, and
// every line is read once.
//
// The limit is arithmetic: a state takes an exponential (about 12 operations) and 3 multiply-adds, against a few bytes.
// With AVX2 the 16 states of a vector of channels cannot stay in 16 registers beside the polynomial's coefficients;
// they and their rates come from L1 (2 KiB), two loads and a store for 15 operations. From step to step the lines lie a
// whole row apart, where no prefetcher looks: they are asked for STEPS_AHEAD steps before.
//
// On Zen 3 a vector of states takes 8.2 cycles, one in five of which are the step's own work; with exponents bounded
// one by one it takes 9.0. The multiply-adds alone would take 5. Six or eight exponentials side by side, a polynomial
// of less depth, or one that the compiler orders take 8.2 to 9.1.
#define channel_block JM(channel_block)
#define scan_states JM(scan_states)
#define fetch_step JM(fetch_step)
#define VECTORS (CHANNELS / JM_LANES)
#define MOST_STATES 64  // as strategy.json has it
#define STEPS_AHEAD 8
// States at a time, for four exponentials side by side.
#define STATES (4 / VECTORS)

/// One step of `count` states from `n` on. `isBounded`: every exponent is between −126 and 126.
JM_INLINE void scan_states(
    const int vectors, const int count, const int isBounded, const jm_vec width[], const jm_vec drive[],
    const jm_vec *rates, jm_vec *h, const float *b, const float *c, int32_t n, jm_vec sum[]) {
    jm_vec decay[VECTORS * STATES];
    if (isBounded && count * vectors == 4) {
        jm_vec widths[4];
        JM_UNROLL for (int i = 0; i < 4; i++) widths[i] = width[i % vectors];
        jm_exp2_products(widths, rates + n * vectors, decay);
    } else {
        JM_UNROLL for (int i = 0; i < count * vectors; i++) decay[i] = width[i % vectors] * rates[n * vectors + i];
        if (count * vectors == 4) {
            jm_exp2_four(decay);
        } else {
            JM_UNROLL for (int i = 0; i < count * vectors; i++) decay[i] = jm_exp2(decay[i]);
        }
    }
    // To the compiler, storing a state might change b and c: read before, they are read once for all vectors of
    // channels.
    JM_UNROLL for (int k = 0; k < count; k++) {
        const jm_vec input = jm_splat(b[n + k]), output = jm_splat(c[n + k]);
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            const int i = k * vectors + v;
            const jm_vec state = decay[i] * h[n * vectors + i] + drive[v] * input;
            h[n * vectors + i] = state;
            sum[v] += state * output;
        }
    }
}

JM_INLINE void fetch_step(const jm_stored *delta, const jm_stored *u, const jm_stored *gate, jm_stored *output) {
    __builtin_prefetch(delta);
    __builtin_prefetch(u);
    __builtin_prefetch(gate);
    __builtin_prefetch(output, 1);
}

/// `vectors` vectors of channels from `first`, of which `lanes` exist, through the whole sequence. `states` holds their
/// N rates (in base 2), then their N of h.
JM_INLINE void channel_block(
    const int vectors, const joulemark_call *call, jm_vec *states, size_t sequence, int32_t first, int32_t lanes,
    int32_t L, int32_t D, int32_t N) {
    const jm_stored *u = jm_tensors_of(call)->u, *delta = jm_tensors_of(call)->delta, *gate = jm_tensors_of(call)->z,
                    *A = jm_tensors_of(call)->A;
    const jm_stored *Bm = jm_tensors_of(call)->Bm, *Cm = jm_tensors_of(call)->Cm, *Dv = jm_tensors_of(call)->Dv;
    jm_stored *output = jm_tensors_of(call)->y;
    jm_vec *rates = states, *h = states + N * vectors;
    float space[2 * MOST_STATES];
    jm_vec skip[VECTORS], width[VECTORS], drive[VECTORS], sum[VECTORS], fastest[VECTORS];
    JM_UNROLL for (int v = 0; v < vectors; v++) fastest[v] = (jm_vec){0};
    for (int32_t n = 0; n < N; n++) {
        for (int v = 0; v < vectors; v++) {
            float row[JM_LANES] = {0};
            for (int32_t lane = 0; lane < JM_LANES && v * JM_LANES + lane < lanes; lane++)
                row[lane] = jm_read_one(A + (size_t)(first + v * JM_LANES + lane) * (size_t)N + (size_t)n)
                    * 1.44269504f;
            rates[n * vectors + v] = jm_load(row);
            h[n * vectors + v] = (jm_vec){0};
        }
    }
    // Apart from the loop that reads them, which a compiler makes a quarter slower with this inside.
    for (int32_t n = 0; n < N; n++)
        JM_UNROLL for (int v = 0; v < vectors; v++)
            fastest[v] = jm_max_or_nan(fastest[v], jm_magnitude(rates[n * vectors + v]));
    JM_UNROLL for (int v = 0; v < vectors; v++) skip[v] = jm_read_some(Dv + first + v * JM_LANES, lanes - v * JM_LANES);
    for (size_t step = 0; step < (size_t)L; step++) {
        const size_t place = (sequence + step) * (size_t)D + (size_t)first;
        if (step + STEPS_AHEAD < (size_t)L) {
            const size_t ahead = place + STEPS_AHEAD * (size_t)D;
            fetch_step(delta + ahead, u + ahead, gate + ahead, output + ahead);
        }
        const float *b = jm_in_floats(Bm + (sequence + step) * (size_t)N, (size_t)N, space);
        const float *c = jm_in_floats(Cm + (sequence + step) * (size_t)N, (size_t)N, space + MOST_STATES);
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            const int count = lanes - v * JM_LANES;
            const jm_vec value = jm_read_some(u + place + v * JM_LANES, count);
            width[v] = jm_read_some(delta + place + v * JM_LANES, count);
            drive[v] = width[v] * value;
            sum[v] = skip[v] * value;
        }
        jm_ivec isSteep = (jm_ivec){0};
        JM_UNROLL for (int v = 0; v < vectors; v++)
            isSteep |= ~(jm_magnitude(width[v]) * fastest[v] <= 126.0f);  // or NaN
        int32_t n = 0;
        if (jm_any(isSteep)) {
            for (; n + STATES <= N; n += STATES) scan_states(vectors, STATES, 0, width, drive, rates, h, b, c, n, sum);
        } else {
            for (; n + STATES <= N; n += STATES) scan_states(vectors, STATES, 1, width, drive, rates, h, b, c, n, sum);
        }
        for (; n < N; n++) scan_states(vectors, 1, 0, width, drive, rates, h, b, c, n, sum);
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            const int count = lanes - v * JM_LANES;
            const jm_vec opening = jm_silu(jm_read_some(gate + place + v * JM_LANES, count));
            jm_write_some(output + place + v * JM_LANES, sum[v] * opening, count);
        }
    }
}

JOULEMARK_STAGE(2 * (size_t)jm_arguments_of(call)->N * CHANNELS * sizeof(float)) {
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
    const int32_t begin = CHANNELS * (int32_t)x, end = begin + CHANNELS < D ? begin + CHANNELS : D;
    const size_t sequence = (size_t)y * (size_t)L;
    if (end - begin == CHANNELS) {
        channel_block(VECTORS, call, scratch, sequence, begin, CHANNELS, L, D, N);
        return;
    }
    for (int32_t first = begin; first < end; first += JM_LANES)
        channel_block(1, call, scratch, sequence, first, end - first < JM_LANES ? end - first : JM_LANES, L, D, N);
}
