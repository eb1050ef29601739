// Sums over a row. Included after joulemark_kernel.h, once a copy.

#define jm_sum_of_squares JM(jm_sum_of_squares)
#define jm_normalize_row JM(jm_normalize_row)

/// Σ row[i]², in four vectors of partial sums: enough to hide the latency of a multiply-add, and far more exact than one chain.
JM_INLINE float jm_sum_of_squares(const float *row, int32_t count) {
    jm_vec sums[4] = {{0}, {0}, {0}, {0}};
    int32_t i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int part = 0; part < 4; part++) {
            const jm_vec value = jm_load(row + i + part * JM_LANES);
            sums[part] += value * value;
        }
    }
    float sum = jm_horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < count; i++) sum += row[i] * row[i];
    return sum;
}

/// to[i] = from[i] · factor · weight[i]
JM_INLINE void jm_normalize_row(float *to, const float *from, const float *weight, float factor, int32_t count) {
    int32_t i = 0;
    for (; i + JM_LANES <= count; i += JM_LANES) jm_store(to + i, jm_load(from + i) * factor * jm_load(weight + i));
    for (; i < count; i++) to[i] = from[i] * factor * weight[i];
}
