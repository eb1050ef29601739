#define JM_F16_TOO
#include "joulemark_kernel.h"

#define CLEAR_COUNT 65536

JOULEMARK_STAGE("moe", "grouped-scatter", "clear", JM_STORAGE, 1, 5, 0) {
    const size_t count = (size_t)call->arguments[0].integer * (size_t)call->arguments[3].integer;
    const size_t start = (size_t)x * CLEAR_COUNT, end = start + CLEAR_COUNT < count ? start + CLEAR_COUNT : count;
    jm_stored *output = call->buffers[0];
    for (size_t i = start; i < end; i += JM_LANES) {
        const int rest = end - i < JM_LANES ? (int)(end - i) : JM_LANES;
        jm_write_some(output + i, (jm_vec){0}, rest);
    }
}
