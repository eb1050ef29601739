#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../value_rows.h"
#include "../weighted_values.h"

JOULEMARK_STAGE("attention", "unfused", "values", "f32", 3, 8, 0) { weighted_values(call, x, y, NULL); }
