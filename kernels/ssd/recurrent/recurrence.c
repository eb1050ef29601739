#include "ssd/recurrent/recurrence.bindings.h"
#include "../ssd.h"

// A work-group is a head. The steps go in tiles of 16; within a tile a block of the state, JM_STATE_ROWS of the N rows
// by two vectors of P, stays in registers through all steps. So a vector of the state costs three operations a step
// (decay, drive, readout) and its loads and stores one sixteenth of a step each. B and C of a tile take 2 · 16 · N
// floats, 16 KiB at N = 128, and half of L1 is left for the rest.
#define state_block JM(state_block)
#define TILE 16
#undef JM_STATE_ROWS
#define JM_STATE_ROWS (JM_REGISTERS == 32 ? 8 : 4)

/// `rows` rows of the state by `vectors` vectors through `steps` steps. `drive` and `sums` have rows of `padded`.
JM_INLINE void state_block(
    const int rows, const int vectors, const ssd_shape *shape, const float *Bm, const float *Cm, const float *decays,
    const float *drive, int steps, float *state, float *sums) {
    jm_vec h[JM_STATE_ROWS * 2];
    JM_UNROLL for (int n = 0; n < rows; n++) {
        JM_UNROLL for (int v = 0; v < vectors; v++)
            h[n * vectors + v] = jm_load(state + n * shape->padded + v * JM_LANES);
    }
    for (int step = 0; step < steps; step++) {
        const jm_vec decay = jm_splat(decays[step]);
        jm_vec input[2], sum[2];
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            input[v] = jm_load(drive + v * JM_LANES);
            sum[v] = jm_splat(0);
        }
        JM_UNROLL for (int n = 0; n < rows; n++) {
            const jm_vec b = jm_splat(Bm[n]), c = jm_splat(Cm[n]);
            JM_UNROLL for (int v = 0; v < vectors; v++) {
                h[n * vectors + v] = h[n * vectors + v] * decay + input[v] * b;
                sum[v] += h[n * vectors + v] * c;
            }
        }
        // The rows of a block have a sum of their own: one after the other, all of N would round more than C·Bᵀ does.
        JM_UNROLL for (int v = 0; v < vectors; v++)
            jm_store(sums + v * JM_LANES, jm_load(sums + v * JM_LANES) + sum[v]);
        Bm += shape->projectionStride;
        Cm += shape->projectionStride;
        drive += shape->padded;
        sums += shape->padded;
    }
    JM_UNROLL for (int n = 0; n < rows; n++) {
        JM_UNROLL for (int v = 0; v < vectors; v++)
            jm_store(state + n * shape->padded + v * JM_LANES, h[n * vectors + v]);
    }
}

// Scratch: the state [N, padded], then a tile's drives dt · x and its sums, each [TILE, padded].
JOULEMARK_STAGE(
    sizeof(float)
    * (((size_t)jm_arguments_of(call)->N + 2 * TILE) * (size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES)
       + 2 * JM_SPACE(TILE * (size_t)jm_arguments_of(call)->N))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)x, padded = shape.padded;
    const ssd_place place = ssd_place_of(&shape, (int)y, 0, head);
    const jm_stored *input = jm_tensors_of(call)->x + place.row;
    const jm_stored *dt = jm_tensors_of(call)->dt + place.dt;
    const float rate = jm_read_one(jm_tensors_of(call)->A + head) * 1.44269504f;
    const jm_stored *Bm = jm_tensors_of(call)->Bm + place.projection;
    const jm_stored *Cm = jm_tensors_of(call)->Cm + place.projection;
    const float skip = jm_read_one(jm_tensors_of(call)->Dv + head);
    jm_stored *output = jm_tensors_of(call)->y + place.row;

    float *state = scratch, *drive = state + (ptrdiff_t)shape.states * padded, *sums = drive + TILE * padded,
          *space = sums + TILE * padded;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)shape.states * padded; i += JM_LANES) jm_store(state + i, jm_splat(0));
    for (int first = 0; first < shape.length; first += TILE) {
        const int steps = shape.length - first < TILE ? shape.length - first : TILE;
        float decays[TILE];
        for (int step = 0; step < steps; step++) {
            const float width = jm_read_one(dt + (first + step) * (ptrdiff_t)shape.heads);
            const jm_stored *from = input + (first + step) * shape.row;
            decays[step] = jm_exp2(jm_splat(width * rate))[0];
            for (int p = 0; p < padded; p += JM_LANES) {
                const jm_vec value = jm_read_some(from + p, shape.size - p);
                jm_store(drive + step * padded + p, value * width);
                jm_store(sums + step * padded + p, jm_splat(0));
            }
        }
        const float *b = ssd_projections(&shape, Bm + first * shape.projectionRow, steps, space);
        const float *c = ssd_projections(
            &shape, Cm + first * shape.projectionRow, steps, space + JM_SPACE(TILE * shape.states));
        for (int p = 0; p < padded; p += 2 * JM_LANES) {
            const int single = padded - p < 2 * JM_LANES;
            int n = 0;
            for (; n + JM_STATE_ROWS <= shape.states; n += JM_STATE_ROWS) {
                float *block = state + (ptrdiff_t)n * padded + p;
                if (single)
                    state_block(JM_STATE_ROWS, 1, &shape, b + n, c + n, decays, drive + p, steps, block, sums + p);
                else state_block(JM_STATE_ROWS, 2, &shape, b + n, c + n, decays, drive + p, steps, block, sums + p);
            }
            for (; n < shape.states; n++) {
                float *block = state + (ptrdiff_t)n * padded + p;
                if (single) state_block(1, 1, &shape, b + n, c + n, decays, drive + p, steps, block, sums + p);
                else state_block(1, 2, &shape, b + n, c + n, decays, drive + p, steps, block, sums + p);
            }
        }
        for (int step = 0; step < steps; step++) {
            for (int p = 0; p < shape.size; p += JM_LANES) {
                const ptrdiff_t place = (first + step) * shape.row + p;
                const jm_vec value = jm_read_some(input + place, shape.size - p);
                jm_write_some(output + place, jm_load(sums + step * padded + p) + value * skip, shape.size - p);
            }
        }
    }
}
