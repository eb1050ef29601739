#include "ssd/chunked-unfused/chunk_states.bindings.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A work-group is a chunk of a head: N rows (of B) by P columns (of x), depth the chunk. The scaled rows of x, 64 KiB
// at 256 × 64, stay in L2, the tile's columns of them in L1.
JOULEMARK_STAGE(
    sizeof(float) * (size_t)jm_arguments_of(call)->Q
    * ((size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES) + JM_SPACE((size_t)jm_arguments_of(call)->N))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)x, first = (int)y * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const ssd_place place = ssd_place_of(&shape, (int)z, first, head);
    const float *high = jm_tensors_of(call)->decays + ((ptrdiff_t)z * shape.heads + head) * 2 * shape.length + first;
    float *state = jm_tensors_of(call)->states
        + (((ptrdiff_t)z * shape.chunks + (ptrdiff_t)y) * shape.heads + head) * shape.states * shape.stateRow;
    ssd_load_x(&shape, jm_tensors_of(call)->x + place.row, steps, scratch);
    ssd_scale_rows(&shape, jm_tensors_of(call)->dt + place.dt, high, high + shape.length, steps, scratch);
    const float *Bm = ssd_projections(
        &shape, jm_tensors_of(call)->Bm + place.projection, steps,
        (float *)scratch + (ptrdiff_t)shape.chunk * shape.padded);
    ssd_update_state(&shape, Bm, scratch, steps, 0, 1, state, shape.stateRow);
}
