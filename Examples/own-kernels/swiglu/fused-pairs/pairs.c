#include "joulemark_kernel.h"
#include "../../silu.h"

// `../../silu.h` is one of the program's own headers: includes look here first, then in kernels/.
JOULEMARK_STAGE("swiglu", "fused-pairs", "pairs", "f32", 3, 2, 0) {
    const float *gate = call->buffers[0], *up = call->buffers[1];
    float *output = call->buffers[2];
    const size_t count = (size_t)call->arguments[0].integer * (size_t)call->arguments[1].integer;
    const size_t start = (size_t)x * 16384, end = start + 16384 < count ? start + 16384 : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_store(output + i, jm_silu(jm_load(gate + i)) * jm_load(up + i));
    for (; i < end; i++) output[i] = (jm_silu(jm_splat(gate[i])) * jm_splat(up[i]))[0];
}
