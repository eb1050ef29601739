// What scores become when the largest of their row is known. Included after joulemark_kernel.h, once a copy.

#define weigh_row JM(weigh_row)

/// Weights relative to `maximum` in place of `count` scores; their sum.
JM_INLINE float weigh_row(float *scores, int count, float maximum) {
    const float log2e = 1.44269504f;
    jm_vec sums[4];
    JM_UNROLL for (int v = 0; v < 4; v++) sums[v] = (jm_vec){0};
    int i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int v = 0; v < 4; v++) {
            const jm_vec weight = jm_exp2_capped((jm_load(scores + i + v * JM_LANES) - maximum) * log2e);
            jm_store(scores + i + v * JM_LANES, weight);
            sums[v] += weight;
        }
    }
    float sum = jm_horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < count; i++) {
        scores[i] = jm_exp2_capped(jm_splat((scores[i] - maximum) * log2e))[0];
        sum += scores[i];
    }
    return sum;
}
