#include "conv1d/unfused/activate.bindings.h"
#include "../../silu.h"

JOULEMARK_STAGE(0) {
    const jm_stored *convolved = jm_tensors_of(call)->convolved;
    jm_stored *output = jm_tensors_of(call)->y;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D;
    const int32_t first = STEPS * (int32_t)x, end = first + STEPS < L ? first + STEPS : L;
    const size_t start = ((size_t)y * (size_t)L + (size_t)first) * (size_t)D;
    const size_t stop = start + (size_t)(end - first) * (size_t)D;
    size_t i = start;
    for (; i + JM_LANES <= stop; i += JM_LANES) jm_write(output + i, jm_silu(jm_read(convolved + i)));
    const int rest = (int)(stop - i);
    if (rest > 0) jm_write_some(output + i, jm_silu(jm_read_some(convolved + i, rest)), rest);
}
