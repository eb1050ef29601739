#include "moe/grouped/activate.bindings.h"
#include "../activate.h"

JOULEMARK_STAGE(0) {
    const jm_arguments *values = jm_arguments_of(call);
    moe_activate(call, 0, (size_t)values->T * (size_t)values->topk * (size_t)values->N, x);
}
