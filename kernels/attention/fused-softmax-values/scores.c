#include "attention/fused-softmax-values/scores.bindings.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../score_rows.h"

JOULEMARK_STAGE(4 * SCORE_FLOATS(attention_shape_of(call).headSize)) { score_rows(call, x, y, NULL, scratch); }
