#include "swiglu/unfused/multiply.bindings.h"

// A work-group is 16384 elements: 64 KiB a tensor, so that a thread's share of a pass stays in its second-level cache.
JOULEMARK_STAGE(0) {
    const jm_stored *activated = jm_tensors_of(call)->activated;
    const jm_stored *up = jm_tensors_of(call)->up;
    jm_stored *output = jm_tensors_of(call)->y;
    const size_t count = (size_t)jm_arguments_of(call)->T * (size_t)jm_arguments_of(call)->D;
    const size_t start = (size_t)x * GROUP_ELEMENTS,
                 end = start + GROUP_ELEMENTS < count ? start + GROUP_ELEMENTS : count;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_write(output + i, jm_read(activated + i) * jm_read(up + i));
    const int rest = (int)(end - i);
    if (rest > 0) jm_write_some(output + i, jm_read_some(activated + i, rest) * jm_read_some(up + i, rest), rest);
}
