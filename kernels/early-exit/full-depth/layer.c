#include "early-exit/full-depth/layer.bindings.h"
#define EXIT_BLOCK 0
#include "../neighbours.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, jm_arguments_of(call)->D, call->workGroups[0], 1)) {
    exit_neighbours(call, x, y, scratch);
}
