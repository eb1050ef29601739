#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"

// A work-group is 16384 elements: 64 KiB a tensor, so that a thread's share of a pass stays in its second-level cache.
JOULEMARK_STAGE("swiglu", "fused", "swiglu", JM_STORAGE, 3, 2, 0) {
    const jm_stored *gate = call->buffers[0];
    const jm_stored *up = call->buffers[1];
    jm_stored *output = call->buffers[2];
    const size_t count = (size_t)call->arguments[0].integer * (size_t)call->arguments[1].integer;
    const size_t start = (size_t)x * 16384, end = start + 16384 < count ? start + 16384 : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_write(output + i, jm_silu(jm_read(gate + i)) * jm_read(up + i));
    const int rest = (int)(end - i);
    if (rest > 0) jm_write_some(output + i, jm_silu(jm_read_some(gate + i, rest)) * jm_read_some(up + i, rest), rest);
}
