#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../weighted_values.h"

JOULEMARK_STAGE("attention", "unfused", "values", JM_STORAGE, 3, 8, 4 * WEIGHTED_FLOATS(attention_shape_of(call).headSize)) {
    weighted_values(call, x, y, NULL, scratch);
}
