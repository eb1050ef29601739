// The causal depthwise convolution of 16 steps. Included after joulemark_kernel.h and silu.h, once a copy.

#define jm_convolve JM(jm_convolve)
#define jm_transpose_weights JM(jm_transpose_weights)

/// Weights as [W, D]: then a vector of channels reads a vector of weights.
JM_INLINE void jm_transpose_weights(float *to, const float *w, int32_t D, int32_t W) {
    for (int32_t channel = 0; channel < D; channel++)
        for (int32_t tap = 0; tap < W; tap++) to[(size_t)tap * (size_t)D + channel] = w[(size_t)channel * (size_t)W + tap];
}

/// Steps [first, end) of one sequence: to[l, d] = bias[d] + Σ w[d, tap] · x[l − W + 1 + tap, d], then SiLU when `activate`.
JM_INLINE void jm_convolve(
    float *to, const float *x, const float *weights, const float *bias, int32_t first, int32_t end, int32_t D, int32_t W,
    int activate) {
    for (int32_t step = first; step < end; step++) {
        const int32_t firstTap = W - 1 > step ? W - 1 - step : 0;
        int32_t channel = 0;
        for (; channel + JM_LANES <= D; channel += JM_LANES) {
            jm_vec sum = jm_load(bias + channel);
            for (int32_t tap = firstTap; tap < W; tap++)
                sum += jm_load(weights + (size_t)tap * (size_t)D + channel) *
                       jm_load(x + (size_t)(step - W + 1 + tap) * (size_t)D + channel);
            jm_store(to + (size_t)step * (size_t)D + channel, activate ? jm_silu(sum) : sum);
        }
        for (; channel < D; channel++) {
            float sum = bias[channel];
            for (int32_t tap = firstTap; tap < W; tap++)
                sum += weights[(size_t)tap * (size_t)D + channel] * x[(size_t)(step - W + 1 + tap) * (size_t)D + channel];
            to[(size_t)step * (size_t)D + channel] = activate ? jm_silu(jm_splat(sum))[0] : sum;
        }
    }
}
