#include "joulemark_kernel.h"
#include "../../silu.h"

JOULEMARK_STAGE("selective-scan", "unfused", "gate", "f32", 3, 4, 0) {
    const float *projected = call->buffers[0], *gate = call->buffers[1];
    float *output = call->buffers[2];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer;
    const size_t start = ((size_t)y * (size_t)L + x) * (size_t)D, end = start + (size_t)D;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_store(output + i, jm_load(projected + i) * jm_silu(jm_load(gate + i)));
    for (; i < end; i++) output[i] = projected[i] * jm_silu(jm_splat(gate[i]))[0];
}
