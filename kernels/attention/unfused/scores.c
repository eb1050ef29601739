#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../score_rows.h"

JOULEMARK_STAGE("attention", "unfused", "scores", JM_STORAGE, 3, 9, 4 * SCORE_FLOATS(attention_shape_of(call).headSize)) {
    score_rows(call, x, y, NULL, scratch);
}
