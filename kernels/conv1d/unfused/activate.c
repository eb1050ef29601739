#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"

JOULEMARK_STAGE("conv1d", "unfused", "activate", JM_STORAGE, 2, 4, 0) {
    const jm_stored *convolved = call->buffers[0];
    jm_stored *output = call->buffers[1];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer;
    const int32_t first = 16 * (int32_t)x, end = first + 16 < L ? first + 16 : L;
    const size_t start = ((size_t)y * (size_t)L + (size_t)first) * (size_t)D;
    const size_t stop = start + (size_t)(end - first) * (size_t)D;
    size_t i = start;
    for (; i + JM_LANES <= stop; i += JM_LANES) jm_write(output + i, jm_silu(jm_read(convolved + i)));
    const int rest = (int)(stop - i);
    if (rest > 0) jm_write_some(output + i, jm_silu(jm_read_some(convolved + i, rest)), rest);
}
