#include "joulemark_kernel.h"

#define GROUP_ELEMENTS 65536

JOULEMARK_STAGE("peak-bandwidth", "scale", "scale", "f32", 2, 1, 0) {
    const size_t count = (size_t)call->arguments[0].integer;
    const size_t begin = (size_t)x * GROUP_ELEMENTS;
    const size_t end = begin + GROUP_ELEMENTS < count ? begin + GROUP_ELEMENTS : count;
    const float *from = call->buffers[0];
    float *to = call->buffers[1];
    // A plain store reads the line that it is about to overwrite; a streaming store does not, and 2 bytes move for each
    // byte read rather than 3. Buffers are aligned, and 65536 elements are whole lines.
    for (size_t i = begin; i < end; i += JM_LANES) jm_stream(to + i, jm_load(from + i) * 0.5f);
}
