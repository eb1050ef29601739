#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../activate.h"

JOULEMARK_STAGE("moe", "grouped", "activate", JM_STORAGE, 3, 5, 0) {
    const joulemark_value *values = call->arguments;
    const size_t rows = (size_t)values[0].integer * (size_t)values[2].integer;
    moe_activate(call, 0, rows * (size_t)values[4].integer, x);
}
