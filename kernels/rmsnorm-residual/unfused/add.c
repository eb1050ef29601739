#include "joulemark_kernel.h"

// A work-group is 16384 elements: 64 KiB a tensor, so that a thread's share of a pass stays in its second-level cache.
JOULEMARK_STAGE("rmsnorm-residual", "unfused", "add", "f32", 3, 2, 0) {
    const float *left = call->buffers[0];
    const float *residual = call->buffers[1];
    float *residual_out = call->buffers[2];
    const size_t count = (size_t)call->arguments[0].integer * (size_t)call->arguments[1].integer;
    const size_t start = (size_t)x * 16384, end = start + 16384 < count ? start + 16384 : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_store(residual_out + i, jm_load(left + i) + jm_load(residual + i));
    for (; i < end; i++) residual_out[i] = (jm_splat(left[i]) + jm_splat(residual[i]))[0];
}
