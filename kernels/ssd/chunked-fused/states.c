#include "ssd/chunked-fused/states.bindings.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A head's chunks in sequence: decays, scaled rows of x, and a state that is written out before each chunk. A chunk's
// state is computed where it is stored, from the one before, which lies in L2 still.
JOULEMARK_STAGE(
    sizeof(float)
    * ((size_t)jm_arguments_of(call)->Q * ((size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES) + 2)
       + (size_t)jm_arguments_of(call)->N * (size_t)ssd_round_up(jm_arguments_of(call)->P, 16)
       + JM_SPACE((size_t)jm_arguments_of(call)->Q * (size_t)jm_arguments_of(call)->N))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)x;
    const ptrdiff_t size = (ptrdiff_t)shape.states * shape.stateRow;
    float *state = scratch, *high = state + size, *low = high + shape.chunk, *rows = low + shape.chunk;
    for (ptrdiff_t i = 0; i < size; i += JM_LANES) jm_store(state + i, jm_splat(0));
    for (int chunk = 0; chunk < shape.chunks; chunk++) {
        const int first = chunk * shape.chunk;
        const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
        float *stored = jm_tensors_of(call)->states
            + (((ptrdiff_t)y * shape.chunks + chunk) * shape.heads + head) * size;
        for (ptrdiff_t i = 0; i < size; i += JM_LANES) jm_store(stored + i, jm_load(state + i));
        if (chunk + 1 == shape.chunks) return;
        const ssd_place place = ssd_place_of(&shape, (int)y, first, head);
        const jm_stored *dt = jm_tensors_of(call)->dt + place.dt;
        ssd_step_decays(&shape, dt, jm_read_one(jm_tensors_of(call)->A + head), steps, high, low);
        ssd_load_x(&shape, jm_tensors_of(call)->x + place.row, steps, rows);
        ssd_scale_rows(&shape, dt, high, low, steps, rows);
        ssd_update_state(
            &shape,
            ssd_projections(
                &shape, jm_tensors_of(call)->Bm + place.projection, steps,
                rows + (ptrdiff_t)shape.chunk * shape.padded),
            rows, steps, high[steps - 1], 0, state, shape.stateRow);
    }
}
