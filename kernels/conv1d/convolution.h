// The causal depthwise convolution of 16 steps. Included after joulemark_kernel.h and silu.h, once a copy.

#define jm_convolve JM(jm_convolve)
#define jm_convolved JM(jm_convolved)
#define jm_transpose_weights JM(jm_transpose_weights)
#define jm_convolve_group JM(jm_convolve_group)

/// Bytes for the transposed weights: the last vector may reach beyond them.
#define TRANSPOSED_BYTES(D, W) (((size_t)(D) * (size_t)(W) + JM_LANES) * sizeof(float))

/// Weights as [W, D]: then a vector of channels reads a vector of weights.
JM_INLINE void jm_transpose_weights(float *to, const jm_stored *w, int32_t D, int32_t W) {
    for (int32_t channel = 0; channel < D; channel++)
        for (int32_t tap = 0; tap < W; tap++)
            to[(size_t)tap * (size_t)D + channel] = jm_read_one(w + (size_t)channel * (size_t)W + tap);
}

/// Sums of up to `lanes` channels from `channel`, then SiLU when `activate`.
JM_INLINE jm_vec jm_convolved(
    const jm_stored *x, const float *weights, const jm_stored *bias, int32_t step, int32_t channel, int lanes,
    int32_t D, int32_t W, int activate) {
    const int32_t firstTap = W - 1 > step ? W - 1 - step : 0;
    jm_vec sum = jm_read_some(bias + channel, lanes);
    for (int32_t tap = firstTap; tap < W; tap++)
        sum += jm_load(weights + (size_t)tap * (size_t)D + channel)
            * jm_read_some(x + (size_t)(step - W + 1 + tap) * (size_t)D + channel, lanes);
    return activate ? jm_silu(sum) : sum;
}

/// Steps [first, end) of one sequence: to[l, d] = bias[d] + Σ w[d, tap] · x[l − W + 1 + tap, d], then SiLU when
/// `activate`.
JM_INLINE void jm_convolve(
    jm_stored *to, const jm_stored *x, const float *weights, const jm_stored *bias, int32_t first, int32_t end,
    int32_t D, int32_t W, int activate) {
    for (int32_t step = first; step < end; step++) {
        jm_stored *line = to + (size_t)step * (size_t)D;
        int32_t channel = 0;
        for (; channel + JM_LANES <= D; channel += JM_LANES)
            jm_write(line + channel, jm_convolved(x, weights, bias, step, channel, JM_LANES, D, W, activate));
        const int rest = D - channel;
        if (rest > 0)
            jm_write_some(line + channel, jm_convolved(x, weights, bias, step, channel, rest, D, W, activate), rest);
    }
}

/// A work-group's 16 steps of one sequence: x, w and bias into the fourth buffer.
JM_INLINE void jm_convolve_group(
    const joulemark_call *call, uint32_t x, uint32_t y, float *weights, int activate, jm_stored *output) {
    const jm_stored *input = jm_tensors_of(call)->x, *w = jm_tensors_of(call)->w, *bias = jm_tensors_of(call)->bias;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, W = jm_arguments_of(call)->W;
    const size_t sequence = (size_t)y * (size_t)L * (size_t)D;
    const int32_t first = STEPS * (int32_t)x, end = first + STEPS < L ? first + STEPS : L;
    jm_transpose_weights(weights, w, D, W);
    jm_convolve(output + sequence, input + sequence, weights, bias, first, end, D, W, activate);
}
