// Rows of weights times values, where values lie row-major as v does. Include after joulemark_tile.h.
//
// The products of a call are added up by themselves, then to what was there. A sum of n terms of either sign, one after
// the other, has a relative error that grows with √n; of 131072 keys 7e-6. In blocks of b keys it grows with √(n / b).

#define value_tile JM(value_tile)
#define value_rows JM(value_rows)

/// A tile of the output: weights of `count` keys times `vectors` vectors of columns, added to what is there.
JM_INLINE void value_tile(
    const int rows, const int vectors, const float *weights, ptrdiff_t stride, const float *values, int size, int count,
    float *output) {
    jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
    JM_UNROLL for (int i = 0; i < rows * vectors; i++) sums[i] = (jm_vec){0};
    jm_tile_product(rows, vectors, weights, stride, 1, values, size, count, sums);
    JM_UNROLL for (int row = 0; row < rows; row++) {
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            float *place = output + row * size + v * JM_LANES;
            jm_store(place, jm_load(place) + sums[row * vectors + v]);
        }
    }
}

/// `rows` rows of the output, all columns.
JM_INLINE void value_rows(
    const int rows, const float *weights, ptrdiff_t stride, const float *values, int size, int count, float *output) {
    int d = 0;
    // Four vectors are better cut in two halves than into three and one, whose few sums wait for each other.
    for (; d + JM_TILE_LANES <= size && (JM_TILE_VECTORS < 3 || size - d != 4 * JM_LANES); d += JM_TILE_LANES)
        value_tile(rows, JM_TILE_VECTORS, weights, stride, values + d, size, count, output + d);
    for (; d + 2 * JM_LANES <= size; d += 2 * JM_LANES)
        value_tile(rows, 2, weights, stride, values + d, size, count, output + d);
    for (; d + JM_LANES <= size; d += JM_LANES)
        value_tile(rows, 1, weights, stride, values + d, size, count, output + d);
    for (; d < size; d++) {
        for (int row = 0; row < rows; row++) {
            float sum = 0;
            for (int key = 0; key < count; key++) sum += weights[row * stride + key] * values[key * size + d];
            output[row * size + d] += sum;
        }
    }
}
