#include "joulemark_kernel.h"

JOULEMARK_STAGE("empty-dispatch", "single", "single", "f32", 2, 1, 0) {
    const float *from = call->buffers[0];
    float *to = call->buffers[1];
    to[0] = from[0];
}
