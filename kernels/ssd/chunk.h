// The matrix products of a chunk on the CPU. Include after ssd.h and joulemark_tile.h.
//
// Every product has rows of P (the head's components) as its right operand, whole vectors that lie in a thread's
// scratch, and scalars of C, B or the weights as its left one: B and C stay where they are, except for Bᵀ of C·Bᵀ.

#define ssd_columns JM(ssd_columns)
#define ssd_load_x JM(ssd_load_x)
#define ssd_transpose JM(ssd_transpose)
#define ssd_product_tile JM(ssd_product_tile)
#define ssd_product JM(ssd_product)
#define ssd_rows_of_products JM(ssd_rows_of_products)
#define ssd_chunk_products JM(ssd_chunk_products)
#define ssd_scale_rows JM(ssd_scale_rows)
#define ssd_update_state JM(ssd_update_state)
#define ssd_load_dt JM(ssd_load_dt)
#define ssd_weights JM(ssd_weights)
#define ssd_output JM(ssd_output)
#define ssd_output_tile JM(ssd_output_tile)
#define ssd_output_rows JM(ssd_output_rows)

// Vectors of the next tile of columns: as equal as they can be, because a tile of one vector waits for its own sums.
// 64 floats are 3 + 3 + 2 vectors of 8, or 2 + 2 vectors of 16.
JM_INLINE int ssd_columns(int vectors) {
    const int tiles = (vectors + JM_TILE_VECTORS - 1) / JM_TILE_VECTORS;
    return (vectors + tiles - 1) / tiles;
}

/// Copies a head's rows of x and pads them with zeros to whole vectors.
JM_INLINE void ssd_load_x(const ssd_shape *shape, const jm_stored *x, int steps, float *to) {
    for (int step = 0; step < steps; step++) {
        for (int p = 0; p < shape->padded; p += JM_LANES)
            jm_store(
                to + (ptrdiff_t)step * shape->padded + p, jm_read_some(x + step * shape->row + p, shape->size - p));
    }
}

/// to[column · stride + row] = from[row · fromStride + column]; columns of `to` past `rows`, up to `stride`, become 0.
static __attribute__((unused)) void ssd_transpose(
    const float *from, ptrdiff_t fromStride, int rows, int columns, float *to, int stride) {
    for (int row0 = 0; row0 < stride; row0 += JM_LANES) {
        for (int column = 0; column < columns; column++) {
            jm_vec values = jm_splat(0);
            JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
                values[lane] = row0 + lane < rows ? from[(row0 + lane) * fromStride + column] : 0;
            jm_store(to + (ptrdiff_t)column * stride + row0, values);
        }
    }
}

/// to = factor · to + a · b for a tile. With `factor` 0 what was there is not read.
JM_INLINE void ssd_product_tile(
    const int rows, const int vectors, const float *a, ptrdiff_t aRow, ptrdiff_t aStep, const float *b, ptrdiff_t bStep,
    int steps, float factor, float *to, ptrdiff_t toRow) {
    jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
    if (factor == 0) {
        jm_tile_clear(rows, vectors, sums);
    } else {
        JM_UNROLL for (int row = 0; row < rows; row++) {
            JM_UNROLL for (int v = 0; v < vectors; v++)
                sums[row * vectors + v] = jm_load(to + row * toRow + v * JM_LANES) * factor;
        }
    }
    jm_tile_product(rows, vectors, a, aRow, aStep, b, bStep, steps, sums);
    JM_UNROLL for (int row = 0; row < rows; row++) {
        JM_UNROLL for (int v = 0; v < vectors; v++) jm_store(to + row * toRow + v * JM_LANES, sums[row * vectors + v]);
    }
}

/// to[row · toRow + column] = factor · itself + Σ over step of a[row · aRow + step · aStep] · b[step · bStep + column],
/// for columns of whole vectors.
static __attribute__((unused)) void ssd_product(
    int rows, int columns, const float *a, ptrdiff_t aRow, ptrdiff_t aStep, const float *b, ptrdiff_t bStep, int steps,
    float factor, float *to, ptrdiff_t toRow) {
    for (int column = 0; column < columns;) {
        const int vectors = ssd_columns((columns - column) / JM_LANES);
        int row = 0;
        for (; row + JM_TILE_ROWS <= rows; row += JM_TILE_ROWS) {
            const float *left = a + row * aRow;
            float *output = to + row * toRow + column;
#if JM_TILE_VECTORS == 3
            if (vectors == 3)
                ssd_product_tile(JM_TILE_ROWS, 3, left, aRow, aStep, b + column, bStep, steps, factor, output, toRow);
            else
#endif
                if (vectors == 2)
                ssd_product_tile(JM_TILE_ROWS, 2, left, aRow, aStep, b + column, bStep, steps, factor, output, toRow);
            else ssd_product_tile(JM_TILE_ROWS, 1, left, aRow, aStep, b + column, bStep, steps, factor, output, toRow);
        }
        for (; row < rows; row++) {
            for (int v = 0; v < vectors; v++)
                ssd_product_tile(
                    1, 1, a + row * aRow, aRow, aStep, b + column + v * JM_LANES, bStep, steps, factor,
                    to + row * toRow + column + v * JM_LANES, toRow);
        }
        column += vectors * JM_LANES;
    }
}

/// Rows from `start`, a multiple of JM_TILE_ROWS, to before `end` of C·Bᵀ, each with the steps up to it and a few after
/// it. `to` has rows of `stride`, `transposed` N rows of `padded`.
static __attribute__((unused)) void ssd_rows_of_products(
    const ssd_shape *shape, const float *Cm, int start, int end, const float *transposed, int padded, float *to,
    ptrdiff_t stride) {
    for (int row = start; row < end; row += JM_TILE_ROWS) {
        const int rows = end - row < JM_TILE_ROWS ? end - row : JM_TILE_ROWS;
        ssd_product(
            rows, ssd_round_up(row + rows, JM_LANES), Cm + row * shape->projectionStride, shape->projectionStride, 1,
            transposed, padded, shape->states, 0, to + row * stride, stride);
    }
}

/// C·Bᵀ of a chunk, as ssd_rows_of_products gives it. `transposed` has room for N rows of `stride`.
static __attribute__((unused)) void ssd_chunk_products(
    const ssd_shape *shape, const float *Cm, const float *Bm, int steps, float *transposed, float *to,
    ptrdiff_t stride) {
    const int padded = ssd_round_up(steps, JM_LANES);
    ssd_transpose(Bm, shape->projectionStride, steps, shape->states, transposed, padded);
    ssd_rows_of_products(shape, Cm, 0, steps, transposed, padded, to, stride);
}

/// Multiplies each step's row of x by what is left of it at the chunk's end, times dt.
JM_INLINE void ssd_scale_rows(
    const ssd_shape *shape, const jm_stored *dt, const float *high, const float *low, int steps, float *x) {
    const float lastHigh = high[steps - 1], lastLow = low[steps - 1];
    for (int step = 0; step < steps; step++) {
        const float decay = (lastHigh - high[step]) + (lastLow - low[step]);
        const jm_vec factor = jm_exp2(jm_splat(decay)) * jm_read_one(dt + step * (ptrdiff_t)shape->heads);
        for (int p = 0; p < shape->padded; p += JM_LANES) {
            float *row = x + (ptrdiff_t)step * shape->padded + p;
            jm_store(row, jm_load(row) * factor);
        }
    }
}

/// state = its decay over the chunk · state + Σ over the chunk of B ⊗ scaled x. At the `first` chunk the state is zero,
/// and its memory may hold anything.
static __attribute__((unused)) void ssd_update_state(
    const ssd_shape *shape, const float *Bm, const float *x, int steps, float sumOfDecays, int first, float *state,
    ptrdiff_t stateRow) {
    const float factor = first ? 0 : jm_exp2(jm_splat(sumOfDecays))[0];
    ssd_product(
        shape->states, shape->padded, Bm, 1, shape->projectionStride, x, shape->padded, steps, factor, state, stateRow);
}

/// A head's dt, contiguous.
JM_INLINE void ssd_load_dt(const ssd_shape *shape, const jm_stored *dt, int steps, float *to) {
    for (int step = 0; step < steps; step++) to[step] = jm_read_one(dt + step * (ptrdiff_t)shape->heads);
}

/// What the outputs of a head's chunk are made of.
typedef struct ssd_output {
    const ssd_shape *shape;
    /// Rows of `stride`: C·Bᵀ, as ssd_chunk_products gives it.
    const float *products;
    ptrdiff_t stride;
    const float *Cm;
    /// The head's state before the chunk, N rows of `padded`; null where it is zero.
    const float *state;
    ptrdiff_t stateRow;
    const float *x;
    /// Each step's sum of decays and dt, contiguous, readable up to whole vectors.
    const float *high, *low, *dt;
    float skip;
    /// Room for JM_TILE_ROWS rows of `stride`.
    float *weights;
    jm_stored *y;
} ssd_output;

/// Decay from step j to step `row + i`, times dt of j, times C·B of the two, for the j that `rows` rows from `row` see.
JM_INLINE void ssd_weights(const ssd_output *output, int row, int rows, jm_ivec lane) {
    for (int i = 0; i < rows; i++) {
        const int step = row + i;
        const jm_vec high = jm_splat(output->high[step]), low = jm_splat(output->low[step]);
        const float *products = output->products + step * output->stride;
        float *to = output->weights + i * output->stride;
        for (int j = 0; j < row + rows; j += JM_LANES) {
            const jm_vec decay = (high - jm_load(output->high + j)) + (low - jm_load(output->low + j));
            const jm_ivec seen = lane <= step - j;
            const jm_vec weight = jm_exp2(jm_select(seen, decay, jm_splat(0))) * jm_load(output->dt + j);
            jm_store(to + j, jm_select(seen, weight * jm_load(products + j), jm_splat(0)));
        }
    }
}

JM_INLINE void ssd_output_tile(const ssd_output *output, const int rows, const int vectors, int row, int column) {
    const ssd_shape *shape = output->shape;
    jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
    jm_tile_clear(rows, vectors, sums);
    if (output->state) {
        jm_tile_product(
            rows, vectors, output->Cm + row * shape->projectionStride, shape->projectionStride, 1,
            output->state + column, output->stateRow, shape->states, sums);
        JM_UNROLL for (int i = 0; i < rows; i++) {
            const jm_vec decay = jm_exp2(jm_splat(output->high[row + i]));
            JM_UNROLL for (int v = 0; v < vectors; v++) sums[i * vectors + v] *= decay;
        }
    }
    jm_tile_product(
        rows, vectors, output->weights, output->stride, 1, output->x + column, shape->padded, row + rows, sums);
    JM_UNROLL for (int i = 0; i < rows; i++) {
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            const int p = column + v * JM_LANES;
            const jm_vec x = jm_load(output->x + (ptrdiff_t)(row + i) * shape->padded + p);
            jm_write_some(
                output->y + (row + i) * shape->row + p, sums[i * vectors + v] + x * output->skip, shape->size - p);
        }
    }
}

/// y of the chunk's steps from `first` to before `end`.
static __attribute__((unused)) void ssd_output_rows(const ssd_output *output, int first, int end) {
    jm_ivec lane = {0};
    for (int i = 0; i < JM_LANES; i++) lane[i] = i;
    for (int row = first; row < end;) {
        const int rows = end - row >= JM_TILE_ROWS ? JM_TILE_ROWS : 1;
        ssd_weights(output, row, rows, lane);
        for (int column = 0; column < output->shape->padded;) {
            const int vectors = ssd_columns((output->shape->padded - column) / JM_LANES);
            if (rows == 1) {
                for (int v = 0; v < vectors; v++) ssd_output_tile(output, 1, 1, row, column + v * JM_LANES);
#if JM_TILE_VECTORS == 3
            } else if (vectors == 3) {
                ssd_output_tile(output, JM_TILE_ROWS, 3, row, column);
#endif
            } else if (vectors == 2) {
                ssd_output_tile(output, JM_TILE_ROWS, 2, row, column);
            } else {
                ssd_output_tile(output, JM_TILE_ROWS, 1, row, column);
            }
            column += vectors * JM_LANES;
        }
        row += rows;
    }
}
