#include "selective-scan/unfused/gate.bindings.h"
#include "../../silu.h"

JOULEMARK_STAGE(0) {
    const jm_stored *projected = jm_tensors_of(call)->projected, *gate = jm_tensors_of(call)->z;
    jm_stored *output = jm_tensors_of(call)->y;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D;
    const size_t start = ((size_t)y * (size_t)L + x) * (size_t)D, end = start + (size_t)D;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES)
        jm_write(output + i, jm_read(projected + i) * jm_silu(jm_read(gate + i)));
    const int rest = (int)(end - i);
    if (rest > 0)
        jm_write_some(output + i, jm_read_some(projected + i, rest) * jm_silu(jm_read_some(gate + i, rest)), rest);
}
