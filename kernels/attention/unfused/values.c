#include "attention/unfused/values.bindings.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../weighted_values.h"

JOULEMARK_STAGE(4 * WEIGHTED_FLOATS(attention_shape_of(call).headSize)) { weighted_values(call, x, y, NULL, scratch); }
