#include "attention/flash-gqa-packed/flash.bindings.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../flash_rows.h"

// The heads that share a key head lie side by side, so that a vector's rows are few neighbouring queries: under a
// causal mask or a window they see about the same keys, and fewer scores are computed to be masked.
JOULEMARK_STAGE(4 * flash_floats(call)) {
    flash_rows(call, HEADS_TOGETHER, x, y, 0, 1, (flash_target){.output = jm_tensors_of(call)->o}, scratch);
}
