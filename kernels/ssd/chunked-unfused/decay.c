#include "ssd/chunked-unfused/decay.bindings.h"
#include "../ssd.h"

// A work-group is a chunk of a head: a chain of additions, four cycles each.
JOULEMARK_STAGE(0) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)x, first = (int)y * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const ssd_place place = ssd_place_of(&shape, (int)z, first, head);
    float *high = jm_tensors_of(call)->decays + ((ptrdiff_t)z * shape.heads + head) * 2 * shape.length + first;
    ssd_step_decays(
        &shape, jm_tensors_of(call)->dt + place.dt, jm_read_one(jm_tensors_of(call)->A + head), steps, high,
        high + shape.length);
}
