#include "spmm/csr-vector/csr_vector.bindings.h"
#include "../columns.h"

// A row's elements are shared out: those next to each other go to sums of their own, which are added at the row's end.
// A strip is 16 columns, a cache line, so that each element takes one line of the panel and nothing else; with 2048
// rows of b the panel has 128 KiB, which the second-level cache keeps, and rows need not be cut. Of one column, a
// vector of elements at a time is multiplied by as many elements of b from anywhere.
#define STRIP 16
#define VECTORS (STRIP / JM_LANES)
#define CHAINS (JM_REGISTERS / 2 / VECTORS > 8 ? 8 : JM_REGISTERS / 2 / VECTORS)

#define row_times_panel JM(row_times_panel)
#define add_elements JM(add_elements)
#define row_times_vector JM(row_times_vector)

JM_INLINE void row_times_panel(
    const int32_t *indices, const jm_stored *values, int count, const float *panel, jm_vec sums[]) {
    jm_vec parts[CHAINS * VECTORS];
    JM_UNROLL for (int i = 0; i < CHAINS * VECTORS; i++) parts[i] = (jm_vec){0};
    int place = 0;
    for (; place + CHAINS <= count; place += CHAINS) {
        JM_UNROLL for (int chain = 0; chain < CHAINS; chain++) {
            const float *row = panel + (ptrdiff_t)indices[place + chain] * STRIP;
            const jm_vec value = jm_splat(jm_read_one(values + place + chain));
            JM_UNROLL for (int v = 0; v < VECTORS; v++)
                parts[chain * VECTORS + v] += value * jm_load(row + v * JM_LANES);
        }
    }
    for (; place < count; place++) {
        const float *row = panel + (ptrdiff_t)indices[place] * STRIP;
        JM_UNROLL for (int v = 0; v < VECTORS; v++)
            parts[v] += jm_read_one(values + place) * jm_load(row + v * JM_LANES);
    }
    JM_UNROLL for (int v = 0; v < VECTORS; v++) sums[v] = (jm_vec){0};
    JM_UNROLL for (int i = 0; i < CHAINS * VECTORS; i++) sums[i % VECTORS] += parts[i];
}

/// The sums plus a vector of neighbouring elements times theirs of b.
JM_INLINE jm_vec add_elements(jm_vec sums, const int32_t *indices, const jm_stored *values, const jm_stored *b) {
    jm_stored gathered[JM_LANES];
    JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++) gathered[lane] = b[indices[lane]];
    return sums + jm_read(values) * jm_read(gathered);
}

JM_INLINE float row_times_vector(const int32_t *indices, const jm_stored *values, int count, const jm_stored *b) {
    jm_vec parts[4] = {{0}};
    int place = 0;
    for (; place + 4 * JM_LANES <= count; place += 4 * JM_LANES) {
        JM_UNROLL for (int part = 0; part < 4; part++) {
            const int first = place + part * JM_LANES;
            parts[part] = add_elements(parts[part], indices + first, values + first, b);
        }
    }
    for (; place + JM_LANES <= count; place += JM_LANES)
        parts[0] = add_elements(parts[0], indices + place, values + place, b);
    float rest = 0;
    for (; place < count; place++) rest += jm_read_one(values + place) * jm_read_one(b + indices[place]);
    return jm_horizontal_sum((parts[0] + parts[1]) + (parts[2] + parts[3])) + rest;
}

JOULEMARK_STAGE(4 * STRIP * (size_t)jm_arguments_of(call)->K) {
    const spmm_shape shape = spmm_shape_of(call);
    const int32_t *offsets = jm_tensors_of(call)->a_indptr, *indices = jm_tensors_of(call)->a_indices;
    const jm_stored *values = jm_tensors_of(call)->a_data, *b = jm_tensors_of(call)->b;
    jm_stored *c = jm_tensors_of(call)->c;
    const int first = (int)((int64_t)shape.rows * x / call->workGroups[0]);
    const int end = (int)((int64_t)shape.rows * (x + 1) / call->workGroups[0]);
    if (shape.columns == 1) {
        for (int row = first; row < end; row++)
            jm_write_one(
                c + row,
                row_times_vector(indices + offsets[row], values + offsets[row], offsets[row + 1] - offsets[row], b));
        return;
    }
    for (int column = (int)y * 64; column < spmm_smaller(((int)y + 1) * 64, shape.columns); column += STRIP) {
        const float *panel = spmm_panel(b, &shape, 0, shape.depth, column, STRIP, scratch);
        for (int row = first; row < end; row++) {
            jm_vec sums[VECTORS];
            row_times_panel(
                indices + offsets[row], values + offsets[row], offsets[row + 1] - offsets[row], panel, sums);
            JM_UNROLL for (int v = 0; v < VECTORS; v++) jm_write_some(
                c + (ptrdiff_t)row * shape.columns + column + v * JM_LANES, sums[v],
                shape.columns - column - v * JM_LANES);
        }
    }
}
