#include "spmm/sell-c-sigma/sell_c_sigma.bindings.h"
#include "../columns.h"

// A slice's 32 rows are equally long after padding, so that ROWS of them go side by side without a branch: a step reads
// ROWS neighbouring indices and values. ROWS × VECTORS sums are half of the registers. A strip is 16 columns, a cache
// line of the panel, which the second-level cache holds (128 KiB for 2048 rows of b). Of one column, the rows
// themselves are the lanes.
#define SLICE 32
#define STRIP 16
#define VECTORS (STRIP / JM_LANES)
#define ROWS (JM_REGISTERS / 2 / VECTORS)
#define BLOCK 64

#define slice_times_panel JM(slice_times_panel)
#define slice_times_vector JM(slice_times_vector)

/// Rows `lane` … `lane + ROWS` of a slice, `steps` elements each, times the panel. Each BLOCK elements of a row have
/// sums of their own, so that those of long rows round no more than dense's.
JM_INLINE void slice_times_panel(
    const int32_t *indices, const jm_stored *values, int steps, const float *panel, jm_vec sums[]) {
    JM_UNROLL for (int i = 0; i < ROWS * VECTORS; i++) sums[i] = (jm_vec){0};
    for (int first = 0; first < steps; first += BLOCK) {
        const int end = spmm_smaller(first + BLOCK, steps);
        jm_vec parts[ROWS * VECTORS];
        JM_UNROLL for (int i = 0; i < ROWS * VECTORS; i++) parts[i] = (jm_vec){0};
        for (int step = first; step < end; step++, indices += SLICE, values += SLICE) {
            JM_UNROLL for (int row = 0; row < ROWS; row++) {
                const float *from = panel + (ptrdiff_t)indices[row] * STRIP;
                const jm_vec value = jm_splat(jm_read_one(values + row));
                JM_UNROLL for (int v = 0; v < VECTORS; v++)
                    parts[row * VECTORS + v] += value * jm_load(from + v * JM_LANES);
            }
        }
        JM_UNROLL for (int i = 0; i < ROWS * VECTORS; i++) sums[i] += parts[i];
    }
}

/// A slice times a vector: sums of its 32 rows, in blocks likewise.
JM_INLINE void slice_times_vector(
    const int32_t *indices, const jm_stored *values, int steps, const jm_stored *b, float *sums) {
    jm_vec totals[SLICE / JM_LANES];
    JM_UNROLL for (int part = 0; part < SLICE / JM_LANES; part++) totals[part] = (jm_vec){0};
    for (int first = 0; first < steps; first += BLOCK) {
        jm_vec parts[SLICE / JM_LANES];
        JM_UNROLL for (int part = 0; part < SLICE / JM_LANES; part++) parts[part] = (jm_vec){0};
        const int end = spmm_smaller(first + BLOCK, steps);
        for (int step = first; step < end; step++, indices += SLICE, values += SLICE) {
            JM_UNROLL for (int part = 0; part < SLICE / JM_LANES; part++) {
                jm_stored gathered[JM_LANES];
                JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
                    gathered[lane] = b[indices[part * JM_LANES + lane]];
                parts[part] += jm_read(values + part * JM_LANES) * jm_read(gathered);
            }
        }
        JM_UNROLL for (int part = 0; part < SLICE / JM_LANES; part++) totals[part] += parts[part];
    }
    JM_UNROLL for (int part = 0; part < SLICE / JM_LANES; part++) jm_store(sums + part * JM_LANES, totals[part]);
}

JOULEMARK_STAGE(4 * STRIP * (size_t)jm_arguments_of(call)->K) {
    const spmm_shape shape = spmm_shape_of(call);
    const int32_t *offsets = jm_tensors_of(call)->a_sell_offsets, *places = jm_tensors_of(call)->a_sell_rows,
                  *indices = jm_tensors_of(call)->a_sell_indices;
    const jm_stored *values = jm_tensors_of(call)->a_sell_data, *b = jm_tensors_of(call)->b;
    jm_stored *c = jm_tensors_of(call)->c;
    const int slices = (shape.rows + SLICE - 1) / SLICE;
    const int first = (int)((int64_t)slices * x / call->workGroups[0]);
    const int end = (int)((int64_t)slices * (x + 1) / call->workGroups[0]);
    if (shape.columns == 1) {
        for (int slice = first; slice < end; slice++) {
            float sums[SLICE];
            const int start = offsets[slice];
            slice_times_vector(indices + start, values + start, (offsets[slice + 1] - start) / SLICE, b, sums);
            const int rows = spmm_smaller(SLICE, shape.rows - slice * SLICE);
            for (int lane = 0; lane < rows; lane++) jm_write_one(c + places[slice * SLICE + lane], sums[lane]);
        }
        return;
    }
    for (int column = (int)y * 64; column < spmm_smaller(((int)y + 1) * 64, shape.columns); column += STRIP) {
        const float *panel = spmm_panel(b, &shape, 0, shape.depth, column, STRIP, scratch);
        for (int slice = first; slice < end; slice++) {
            const int start = offsets[slice], steps = (offsets[slice + 1] - start) / SLICE;
            for (int lane = 0; lane < SLICE && slice * SLICE + lane < shape.rows; lane += ROWS) {
                jm_vec sums[ROWS * VECTORS];
                slice_times_panel(indices + start + lane, values + start + lane, steps, panel, sums);
                JM_UNROLL for (int row = 0; row < ROWS; row++) {
                    if (slice * SLICE + lane + row >= shape.rows) break;
                    jm_stored *to = c + (ptrdiff_t)places[slice * SLICE + lane + row] * shape.columns + column;
                    JM_UNROLL for (int v = 0; v < VECTORS; v++) jm_write_some(
                        to + v * JM_LANES, sums[row * VECTORS + v], shape.columns - column - v * JM_LANES);
                }
            }
        }
    }
}
