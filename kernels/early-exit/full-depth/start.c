#include "early-exit/full-depth/start.bindings.h"
#include "../start.h"

JOULEMARK_STAGE(0) { exit_start(call, x); }
