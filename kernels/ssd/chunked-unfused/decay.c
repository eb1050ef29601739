#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../ssd.h"

// A work-group is a chunk of a head: a chain of additions, four cycles each.
JOULEMARK_STAGE("ssd", "chunked-unfused", "decay", JM_STORAGE, 3, 7, 0) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)x, first = (int)y * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const ssd_place place = ssd_place_of(&shape, (int)z, first, head);
    float *high = (float *)call->buffers[2] + ((ptrdiff_t)z * shape.heads + head) * 2 * shape.length + first;
    ssd_step_decays(
        &shape, (const jm_stored *)call->buffers[0] + place.dt, jm_read_one((const jm_stored *)call->buffers[1] + head), steps, high,
        high + shape.length);
}
