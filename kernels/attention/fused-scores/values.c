#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../weighted_values.h"

JOULEMARK_STAGE("attention", "fused-scores", "values", JM_STORAGE, 4, 8, 4 * WEIGHTED_FLOATS(attention_shape_of(call).headSize)) {
    weighted_values(call, x, y, call->buffers[2], scratch);
}
