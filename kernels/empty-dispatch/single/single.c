#include "empty-dispatch/single/single.bindings.h"

JOULEMARK_STAGE(0) {
    const float *from = jm_tensors_of(call)->x;
    float *to = jm_tensors_of(call)->y;
    to[0] = from[0];
}
