// A chunk of 16 channels on the CPU, scanned with or without its readout. Include after joulemark_kernel.h and silu.h.
//
// The limit is arithmetic, as in the fused scan: an exponential and 2 or 3 multiply-adds a state and step.

#define scan_chunk JM(scan_chunk)
#define scan_step JM(scan_step)
#define scan_lanes JM(scan_lanes)
#define scan_channels JM(scan_channels)
#define SCAN_CHANNELS 16
#define SCAN_MOST_STATES 64  // as strategy.json has it

/// The tensors of a scan over the steps from `first` to before `end`, rows of a batch. Those of the readout (`gate`,
/// `Cm`, `Dv`, `output`) are null where the chunk is only scanned for its state.
typedef struct scan_chunk {
    const jm_stored *u, *delta, *gate, *A, *Bm, *Cm, *Dv;
    jm_stored *output;
    int32_t D, N;
    size_t first, end;
} scan_chunk;

/// One step of the states; gives `sum` and, where `c` is not null, their readout. `isBounded`: every exponent is
/// between −126 and 126.
JM_INLINE jm_vec scan_step(
    const int isBounded, const int32_t N, jm_vec width, jm_vec drive, const jm_vec *rates, jm_vec *h, const float *b,
    const float *c, jm_vec sum) {
    int32_t n = 0;
    for (; isBounded && n + 4 <= N; n += 4) {
        const jm_vec widths[4] = {width, width, width, width};
        jm_vec decays[4];
        jm_exp2_products(widths, rates + n, decays);
        JM_UNROLL for (int i = 0; i < 4; i++) {
            h[n + i] = decays[i] * h[n + i] + drive * b[n + i];
            if (c) sum += h[n + i] * c[n + i];
        }
    }
    for (; n < N; n++) {
        h[n] = jm_exp2(width * rates[n]) * h[n] + drive * b[n];
        if (c) sum += h[n] * c[n];
    }
    return sum;
}

/// `lanes` channels from `channel` on. `states` holds N vectors of rates, then N of h, which stay there. Returns the
/// sums of the time steps.
JM_INLINE jm_vec scan_lanes(const scan_chunk *chunk, jm_vec *states, int32_t channel, int32_t lanes, const int32_t N) {
    jm_vec *rates = states, *h = states + N;
    jm_vec total = jm_splat(0), fastest = jm_splat(0);
    float space[2 * SCAN_MOST_STATES];
    for (int32_t n = 0; n < N; n++) {
        rates[n] = jm_splat(0);
        for (int32_t lane = 0; lane < lanes; lane++)
            rates[n][lane] = jm_read_one(chunk->A + (size_t)(channel + lane) * (size_t)N + (size_t)n) * 1.44269504f;
    }
    for (int32_t n = 0; n < N; n++) fastest = jm_max_or_nan(fastest, jm_magnitude(rates[n]));
    const jm_vec skip = chunk->output ? jm_read_some(chunk->Dv + channel, lanes) : jm_splat(0);
    for (size_t step = chunk->first; step < chunk->end; step++) {
        const size_t place = step * (size_t)chunk->D + (size_t)channel;
        const jm_vec width = jm_read_some(chunk->delta + place, lanes), value = jm_read_some(chunk->u + place, lanes);
        const float *b = jm_in_floats(chunk->Bm + step * (size_t)N, (size_t)N, space);
        const jm_vec drive = width * value;
        const int isSteep = jm_any(~(jm_magnitude(width) * fastest <= 126.0f));  // or NaN
        if (!chunk->output) {
            total += width;
            if (isSteep) scan_step(0, N, width, drive, rates, h, b, NULL, drive);
            else scan_step(1, N, width, drive, rates, h, b, NULL, drive);
            continue;
        }
        const float *c = jm_in_floats(chunk->Cm + step * (size_t)N, (size_t)N, space + SCAN_MOST_STATES);
        const jm_vec sum = isSteep ? scan_step(0, N, width, drive, rates, h, b, c, skip * value)
                                   : scan_step(1, N, width, drive, rates, h, b, c, skip * value);
        jm_write_some(chunk->output + place, sum * jm_silu(jm_read_some(chunk->gate + place, lanes)), lanes);
    }
    return total;
}

/// As above; 16 states, what Mamba has, are known to the compiler.
JM_INLINE jm_vec scan_channels(const scan_chunk *chunk, jm_vec *states, int32_t channel, int32_t lanes) {
    if (chunk->N == 16 && lanes == JM_LANES) return scan_lanes(chunk, states, channel, JM_LANES, 16);
    return scan_lanes(chunk, states, channel, lanes, chunk->N);
}
