#include "joulemark_kernel.h"
#include "../../silu.h"

// A work-group is 16384 elements: 64 KiB a tensor, so that a thread's share of a pass stays in its second-level cache.
JOULEMARK_STAGE("swiglu", "unfused", "activate", "f32", 2, 2, 0) {
    const float *gate = call->buffers[0];
    float *activated = call->buffers[1];
    const size_t count = (size_t)call->arguments[0].integer * (size_t)call->arguments[1].integer;
    const size_t start = (size_t)x * 16384, end = start + 16384 < count ? start + 16384 : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_store(activated + i, jm_silu(jm_load(gate + i)));
    for (; i < end; i++) activated[i] = (jm_silu(jm_splat(gate[i])))[0];
}
