// Decoding: so few queries share a key head that vectors of queries would be mostly empty. Vectors run along the head
// size instead, for scores as well as for the output, and each key and each value is read once for all its queries.
//
// Include after query_tile.h and value_rows.h.
//
// The time is that of reading K and V: with 4 queries at D = 128 a key costs 128 multiply-adds of 8 lanes, 64 cycles on
// two units, in which a core would have to read 1 KiB: more than it can.

#define FEW_ROWS 8
#define FEW_ROWS_KEYS 32
// The next keys but seven; or, where a block is converted before it is used, those of the next block.
#define KEYS_AHEAD (sizeof(jm_stored) == sizeof(float) ? 8 : (ptrdiff_t)FEW_ROWS_KEYS)

#define dot_products JM(dot_products)
#define fetch_ahead JM(fetch_ahead)
#define block_scores JM(block_scores)
#define row_softmax JM(row_softmax)
#define few_rows JM(few_rows)

/// scores[row · FEW_ROWS_KEYS + key] = queries[row] · keys[key], for constants `rows` and `count`.
JM_INLINE void dot_products(
    const int rows, const int count, const float *queries, const float *keys, int size, float *scores) {
    jm_vec sums[8];
    JM_UNROLL for (int i = 0; i < rows * count; i++) sums[i] = (jm_vec){0};
    int d = 0;
    for (; d + JM_LANES <= size; d += JM_LANES) {
        JM_UNROLL for (int row = 0; row < rows; row++) {
            const jm_vec query = jm_load(queries + row * size + d);
            JM_UNROLL for (int key = 0; key < count; key++)
                sums[row * count + key] += query * jm_load(keys + key * size + d);
        }
    }
    JM_UNROLL for (int row = 0; row < rows; row++) {
        JM_UNROLL for (int key = 0; key < count; key++) {
            float sum = jm_horizontal_sum(sums[row * count + key]);
            for (int rest = d; rest < size; rest++) sum += queries[row * size + rest] * keys[key * size + rest];
            scores[row * FEW_ROWS_KEYS + key] = sum;
        }
    }
}

/// Asks for what is read next, a few lines at a time, since a core waits for about two dozen at once: the values of the
/// keys at hand, which are then walked in strips of columns that no prefetcher follows, and keys further on. One core
/// of Zen 3 then decodes at 12 GB/s instead of 8.
JM_INLINE void fetch_ahead(const jm_stored *keys, const jm_stored *values, int count) {
    const int line = 64 / (int)sizeof(jm_stored);
    for (int i = 0; i < count; i += line) __builtin_prefetch(values + i);
    for (int i = 0; i < count; i += line) __builtin_prefetch(keys + i);
}

/// Scores of `count` keys with all rows. `ahead` are keys, and `values` the values of these, that are fetched
/// meanwhile.
JM_INLINE void block_scores(
    int rows, const float *queries, const float *keys, int size, int count, const jm_stored *ahead,
    const jm_stored *values, float *scores) {
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
        int key = 0;
        for (; key + 2 <= count; key += 2) {
            if (row == 0) fetch_ahead(ahead + key * size, values + key * size, 2 * size);
            dot_products(4, 2, queries + row * size, keys + key * size, size, scores + row * FEW_ROWS_KEYS + key);
        }
        for (; key < count; key++)
            dot_products(4, 1, queries + row * size, keys + key * size, size, scores + row * FEW_ROWS_KEYS + key);
    }
    for (; row < rows; row++) {
        int key = 0;
        for (; key + 4 <= count; key += 4) {
            if (row == 0) fetch_ahead(ahead + key * size, values + key * size, 4 * size);
            dot_products(1, 4, queries + row * size, keys + key * size, size, scores + row * FEW_ROWS_KEYS + key);
        }
        for (; key < count; key++)
            dot_products(1, 1, queries + row * size, keys + key * size, size, scores + row * FEW_ROWS_KEYS + key);
    }
}

/// Scores of the keys `first` to `end` become weights relative to the largest so far; the rest, which the row does not
/// see, weighs nothing. Returns what earlier weights are multiplied by.
JM_INLINE float row_softmax(float *scores, int first, int end, float *largest, float *sum) {
    jm_vec maximum = jm_splat(*largest);
    for (int i = 0; i < first; i++) scores[i] = MASKED;
    for (int i = end < first ? first : end; i < FEW_ROWS_KEYS; i++) scores[i] = MASKED;
    JM_UNROLL for (int i = 0; i < FEW_ROWS_KEYS; i += JM_LANES) maximum = jm_max(jm_load(scores + i), maximum);
    const float after = jm_horizontal_max(maximum);
    const float correction = jm_exp2_capped(jm_splat(*largest - after))[0];
    jm_vec sums = {0};
    JM_UNROLL for (int i = 0; i < FEW_ROWS_KEYS; i += JM_LANES) {
        const jm_vec weight = jm_exp2_capped(jm_load(scores + i) - after);
        jm_store(scores + i, weight);
        sums += weight;
    }
    *sum = *sum * correction + jm_horizontal_sum(sums);
    *largest = after;
    return correction;
}

/// Floats of scratch memory for a head size.
#undef FEW_ROWS_FLOATS
#define FEW_ROWS_FLOATS(size) ((size_t)(FEW_ROWS * (2 * (size) + FEW_ROWS_KEYS)) + JM_SPACE(FEW_ROWS_KEYS * (size)))

/// All rows of a key head, at most FEW_ROWS, head after head, over the keys `first` to `end`, which hold all that rows
/// see of them. Stores them divided by their sums in `result`, or, where `partials` is not NULL, as they are there,
/// with the maximum and the sum in `extremes`, two a row.
static void few_rows(
    const attention_shape *shape, const jm_stored *queries, const jm_stored *keys, const jm_stored *values, float scale,
    int first, int end, jm_stored *result, float *partials, float *extremes, float *scratch) {
    const int size = shape->headSize, rows = shape->queryLength * shape->group;
    float *scaled = scratch;
    float *output = partials ? partials : scaled + FEW_ROWS * size;
    float *scores = scaled + 2 * FEW_ROWS * size;
    float *space = scores + FEW_ROWS * FEW_ROWS_KEYS;
    float largest[FEW_ROWS], sum[FEW_ROWS];
    for (int row = 0; row < rows; row++) {
        largest[row] = NO_MAXIMUM;
        sum[row] = 0;
    }
    const float *unscaled = jm_in_floats(queries, (size_t)(rows * size), scaled);
    for (int i = 0; i < rows * size; i++) {
        scaled[i] = unscaled[i] * scale * 1.44269504f;  // log2 e
        output[i] = 0;
    }
    for (int block = first; block < end; block += FEW_ROWS_KEYS) {
        const int count = end - block < FEW_ROWS_KEYS ? end - block : FEW_ROWS_KEYS;
        const jm_stored *stored = values + (ptrdiff_t)block * size;
        const jm_stored *storedKeys = keys + (ptrdiff_t)block * size;
        const float *blockKeys = jm_in_floats(storedKeys, (size_t)(count * size), space);
        block_scores(rows, scaled, blockKeys, size, count, storedKeys + KEYS_AHEAD * size, stored, scores);
        const float *blockValues = jm_in_floats(stored, (size_t)(count * size), space);
        for (int row = 0; row < rows; row++) {
            const int query = row % shape->queryLength;
            const int from = attention_clamp(attention_visible_start(shape, query) - block, 0, count);
            const int to = attention_clamp(attention_visible_end(shape, query) - block, 0, count);
            const float correction = row_softmax(scores + row * FEW_ROWS_KEYS, from, to, &largest[row], &sum[row]);
            if (correction != 1) {
                for (int d = 0; d < size; d++) output[row * size + d] *= correction;
            }
        }
        int row = 0;
        for (; row + 4 <= rows; row += 4)
            value_rows(4, scores + row * FEW_ROWS_KEYS, FEW_ROWS_KEYS, blockValues, size, count, output + row * size);
        for (; row < rows; row++)
            value_rows(1, scores + row * FEW_ROWS_KEYS, FEW_ROWS_KEYS, blockValues, size, count, output + row * size);
    }
    for (int row = 0; row < rows; row++) {
        if (partials) {
            extremes[2 * row] = largest[row];
            extremes[2 * row + 1] = sum[row];
            continue;
        }
        const float factor = sum[row] >= 0.5f ? 1.0f / sum[row] : 0.0f;
        for (int d = 0; d < size; d++) output[row * size + d] *= factor;
    }
    if (!partials) jm_narrow(result, output, (size_t)(rows * size));
}
