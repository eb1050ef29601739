// Sums over a row. Included after joulemark_kernel.h, once a copy.

#define jm_sum_of_squares JM(jm_sum_of_squares)
#define jm_normalize_row JM(jm_normalize_row)

/// Σ row[i]², in four vectors of partial sums: enough to hide the latency of a multiply-add, and far more exact than
/// one chain.
JM_INLINE float jm_sum_of_squares(const jm_stored *row, int32_t count) {
    jm_vec sums[4] = {{0}, {0}, {0}, {0}};
    int32_t i = 0;
    for (; i + 4 * JM_LANES <= count; i += 4 * JM_LANES) {
        JM_UNROLL for (int part = 0; part < 4; part++) {
            const jm_vec value = jm_read(row + i + part * JM_LANES);
            sums[part] += value * value;
        }
    }
    for (; i < count; i += JM_LANES) {
        const jm_vec value = jm_read_some(row + i, count - i);
        sums[0] += value * value;
    }
    return jm_horizontal_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// to[i] = from[i] · factor · weight[i]
JM_INLINE void jm_normalize_row(
    jm_stored *to, const jm_stored *from, const jm_stored *weight, float factor, int32_t count) {
    int32_t i = 0;
    for (; i + JM_LANES <= count; i += JM_LANES) jm_write(to + i, jm_read(from + i) * factor * jm_read(weight + i));
    const int rest = count - i;
    if (rest > 0) jm_write_some(to + i, jm_read_some(from + i, rest) * factor * jm_read_some(weight + i, rest), rest);
}
