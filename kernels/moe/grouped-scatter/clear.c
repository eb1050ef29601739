#include "moe/grouped-scatter/clear.bindings.h"

JOULEMARK_STAGE(0) {
    const size_t count = (size_t)jm_arguments_of(call)->T * (size_t)jm_arguments_of(call)->K;
    const size_t start = (size_t)x * CLEAR_COUNT, end = start + CLEAR_COUNT < count ? start + CLEAR_COUNT : count;
    jm_stored *output = jm_tensors_of(call)->y;
    for (size_t i = start; i < end; i += JM_LANES) {
        const int rest = end - i < JM_LANES ? (int)(end - i) : JM_LANES;
        jm_write_some(output + i, (jm_vec){0}, rest);
    }
}
