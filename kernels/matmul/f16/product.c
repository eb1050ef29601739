#include "matmul/f16/product.bindings.h"
#include "../product.h"

JOULEMARK_STAGE(4 * jm_product_floats(call, jm_arguments_of(call)->N, call->workGroups[0], 1)) {
    product_block(call, x, y, scratch);
}
