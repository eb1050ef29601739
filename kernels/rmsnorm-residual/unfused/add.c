#include "rmsnorm-residual/unfused/add.bindings.h"

// A work-group is 16384 elements: 64 KiB a tensor, so that a thread's share of a pass stays in its second-level cache.
JOULEMARK_STAGE(0) {
    const jm_stored *left = jm_tensors_of(call)->x;
    const jm_stored *residual = jm_tensors_of(call)->residual;
    jm_stored *residual_out = jm_tensors_of(call)->residual_out;
    const size_t count = (size_t)jm_arguments_of(call)->T * (size_t)jm_arguments_of(call)->D;
    const size_t start = (size_t)x * GROUP_ELEMENTS,
                 end = start + GROUP_ELEMENTS < count ? start + GROUP_ELEMENTS : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_write(residual_out + i, jm_read(left + i) + jm_read(residual + i));
    const int rest = (int)(end - i);
    if (rest > 0)
        jm_write_some(residual_out + i, jm_read_some(left + i, rest) + jm_read_some(residual + i, rest), rest);
}
