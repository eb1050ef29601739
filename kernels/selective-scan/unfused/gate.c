#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"

JOULEMARK_STAGE("selective-scan", "unfused", "gate", JM_STORAGE, 3, 4, 0) {
    const jm_stored *projected = call->buffers[0], *gate = call->buffers[1];
    jm_stored *output = call->buffers[2];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer;
    const size_t start = ((size_t)y * (size_t)L + x) * (size_t)D, end = start + (size_t)D;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_write(output + i, jm_read(projected + i) * jm_silu(jm_read(gate + i)));
    const int rest = (int)(end - i);
    if (rest > 0) jm_write_some(output + i, jm_read_some(projected + i, rest) * jm_silu(jm_read_some(gate + i, rest)), rest);
}
