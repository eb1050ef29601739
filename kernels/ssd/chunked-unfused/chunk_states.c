#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A work-group is a chunk of a head: N rows (of B) by P columns (of x), depth the chunk. The scaled rows of x, 64 KiB at
// 256 × 64, stay in L2, the tile's columns of them in L1.
JOULEMARK_STAGE("ssd", "chunked-unfused", "chunk_states", JM_STORAGE, 5, 7,
                sizeof(float) * (size_t)call->arguments[6].integer
                    * ((size_t)ssd_round_up(call->arguments[3].integer, JM_LANES)
                       + JM_SPACE((size_t)call->arguments[4].integer))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)x, first = (int)y * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const ssd_place place = ssd_place_of(&shape, (int)z, first, head);
    const float *high =
        (const float *)call->buffers[3] + ((ptrdiff_t)z * shape.heads + head) * 2 * shape.length + first;
    float *state = (float *)call->buffers[4]
                   + (((ptrdiff_t)z * shape.chunks + (ptrdiff_t)y) * shape.heads + head) * shape.states * shape.stateRow;
    ssd_load_x(&shape, (const jm_stored *)call->buffers[0] + place.row, steps, scratch);
    ssd_scale_rows(
        &shape, (const jm_stored *)call->buffers[1] + place.dt, high, high + shape.length, steps, scratch);
    const float *Bm = ssd_projections(
        &shape, (const jm_stored *)call->buffers[2] + place.projection, steps,
        (float *)scratch + (ptrdiff_t)shape.chunk * shape.padded);
    ssd_update_state(&shape, Bm, scratch, steps, 0, 1, state, shape.stateRow);
}
