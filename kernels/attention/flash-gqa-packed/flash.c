#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../flash_rows.h"

// The heads that share a key head lie side by side, so that a vector's rows are few neighbouring queries: under a causal mask
// or a window they see about the same keys, and fewer scores are computed to be masked.
JOULEMARK_STAGE("attention", "flash-gqa-packed", "flash", JM_STORAGE, 4, 9, 4 * flash_floats(call)) {
    flash_rows(call, HEADS_TOGETHER, x, y, 0, 1, (flash_target){.output = call->buffers[3]}, scratch);
}
