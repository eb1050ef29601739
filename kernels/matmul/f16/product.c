#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../product.h"

JOULEMARK_STAGE(
    "matmul", "f16", "product", JM_STORAGE, 3, 4,
    4 * jm_product_floats(call, call->arguments[1].integer, call->workGroups[0], 1)) {
    product_block(call, x, y, scratch);
}
