#include "moe/grouped-swiglu/combine.bindings.h"
#include "../combine.h"

JOULEMARK_STAGE(0) { moe_combine(call, x); }
