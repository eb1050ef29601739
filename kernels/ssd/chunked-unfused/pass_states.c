#include "ssd/chunked-unfused/pass_states.bindings.h"
#include "../ssd.h"

// states[c] becomes the state before chunk c: state = decay over c · state + what c adds. A work-group is 2048 elements
// of a head's state, 8 KiB that stay in L1 beside the rows that stream past them.

JOULEMARK_STAGE(BLOCK * sizeof(float)) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)y, size = shape.states * shape.stateRow, start = (int)x * BLOCK;
    const int count = size - start < BLOCK ? size - start : BLOCK;
    const float *high = jm_tensors_of(call)->decays + ((ptrdiff_t)z * shape.heads + head) * 2 * shape.length;
    float *carried = scratch;
    for (int i = 0; i < count; i += JM_LANES) jm_store(carried + i, jm_splat(0));
    for (int chunk = 0; chunk < shape.chunks; chunk++) {
        const int end = (chunk + 1) * shape.chunk < shape.length ? (chunk + 1) * shape.chunk : shape.length;
        const jm_vec decay = jm_exp2(jm_splat(high[end - 1]));
        float *state = jm_tensors_of(call)->states + (((ptrdiff_t)z * shape.chunks + chunk) * shape.heads + head) * size
            + start;
        for (int i = 0; i < count; i += JM_LANES) {
            const jm_vec before = jm_load(carried + i);
            jm_store(carried + i, before * decay + jm_load(state + i));
            jm_store(state + i, before);
        }
    }
}
