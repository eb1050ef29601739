// What the CPU stages of the state-space dual share. Include after joulemark_kernel.h.

#define ssd_shape JM(ssd_shape)
#define ssd_shape_of JM(ssd_shape_of)
#define ssd_round_up JM(ssd_round_up)
#define ssd_step_decays JM(ssd_step_decays)
#define ssd_place JM(ssd_place)
#define ssd_place_of JM(ssd_place_of)
#define ssd_projections JM(ssd_projections)

/// Parameters of ssd, in the order of family.json, and derived sizes.
typedef struct ssd_shape {
    int batch, length, heads, size, states, groups, chunk;
    /// The head size, rounded up to whole vectors.
    int padded;
    /// Elements of a row of stored states: the head size, rounded up to a multiple of 16 (every backend's).
    int stateRow;
    int chunks;
    /// Elements from one step to the next of x and y, and of Bm and Cm.
    ptrdiff_t row, projectionRow;
    /// Floats from one step to the next of what ssd_projections gives.
    ptrdiff_t projectionStride;
} ssd_shape;

JM_INLINE int ssd_round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

JM_INLINE ssd_shape ssd_shape_of(const joulemark_call *call) {
    const jm_arguments *values = jm_arguments_of(call);
    ssd_shape shape = {
        .batch = values->B,
        .length = values->L,
        .heads = values->H,
        .size = values->P,
        .states = values->N,
        .groups = values->G,
        .chunk = values->Q};
    shape.padded = ssd_round_up(shape.size, JM_LANES);
    shape.stateRow = ssd_round_up(shape.size, 16);
    shape.chunks = (shape.length + shape.chunk - 1) / shape.chunk;
    shape.row = (ptrdiff_t)shape.heads * shape.size;
    shape.projectionRow = (ptrdiff_t)shape.groups * shape.states;
    shape.projectionStride = JM_SPACE(1) ? shape.states : shape.projectionRow;
    return shape;
}

/// Sums of dt · A over the steps of a chunk up to each, in units of log₂, as pairs of floats: a sum of some thousands
/// would be known to 1e-4 as one float, and its differences, which become factors, no better. A pair is good for 1e-13.
JM_INLINE void ssd_step_decays(
    const ssd_shape *shape, const jm_stored *dt, float rate, int steps, float *high, float *low) {
    double sum = 0;
    for (int step = 0; step < steps; step++) {
        sum += (double)jm_read_one(dt + step * (ptrdiff_t)shape->heads) * rate * 1.4426950408889634;
        high[step] = (float)sum;
        low[step] = (float)(sum - high[step]);
    }
}

/// A group's rows of Bm or Cm as floats: where they lie, or copied to `space`, JM_SPACE(steps · N) floats.
JM_INLINE const float *ssd_projections(const ssd_shape *shape, const jm_stored *from, int steps, float *space) {
#if !defined(JM_STORES_F32)
    for (int step = 0; step < steps; step++)
        jm_widen(space + (ptrdiff_t)step * shape->states, from + step * shape->projectionRow, (size_t)shape->states);
    return space;
#else
    (void)shape;
    (void)steps;
    (void)space;
    return from;
#endif
}

/// Where a head's rows begin in the tensors.
typedef struct ssd_place {
    ptrdiff_t row, dt, projection;
} ssd_place;

JM_INLINE ssd_place ssd_place_of(const ssd_shape *shape, int batch, int step, int head) {
    const ptrdiff_t sequence = (ptrdiff_t)batch * shape->length + step;
    return (ssd_place){
        .row = sequence * shape->row + (ptrdiff_t)head * shape->size,
        .dt = sequence * shape->heads + head,
        .projection = sequence * shape->projectionRow
            + (ptrdiff_t)(head / (shape->heads / shape->groups)) * shape->states};
}
