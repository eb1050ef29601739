#include "swiglu/fused-pairs/pairs.bindings.h"
#include "../../silu.h"

// `../../silu.h` is one of the program's own headers: includes look here first, then in kernels/.
JOULEMARK_STAGE(0) {
    const float *gate = jm_tensors_of(call)->gate, *up = jm_tensors_of(call)->up;
    float *output = jm_tensors_of(call)->y;
    const size_t count = (size_t)jm_arguments_of(call)->T * (size_t)jm_arguments_of(call)->D;
    const size_t start = (size_t)x * 16384, end = start + 16384 < count ? start + 16384 : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_store(output + i, jm_silu(jm_load(gate + i)) * jm_load(up + i));
    for (; i < end; i++) output[i] = (jm_silu(jm_splat(gate[i])) * jm_splat(up[i]))[0];
}
