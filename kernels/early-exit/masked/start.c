#include "early-exit/masked/start.bindings.h"
#include "../start.h"

JOULEMARK_STAGE(0) { exit_start(call, x); }
