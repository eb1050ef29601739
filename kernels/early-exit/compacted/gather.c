#include "early-exit/compacted/gather.bindings.h"

// The tokens in the order of their depths; those that go through no layer are done.
JOULEMARK_STAGE(0) {
    const int64_t D = jm_arguments_of(call)->D, count = jm_arguments_of(call)->T * D,
                  start = (int64_t)x * GROUP_ELEMENTS;
    const int64_t end = start + GROUP_ELEMENTS < count ? start + GROUP_ELEMENTS : count;
    for (int64_t i = start; i < end; i++) {
        const int token = jm_tensors_of(call)->places[i / D];
        const jm_stored value = jm_tensors_of(call)->x[token * D + i % D];
        jm_tensors_of(call)->state[i] = value;
        if (jm_tensors_of(call)->depth[token] == 0) jm_tensors_of(call)->y[token * D + i % D] = value;
    }
}
