#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../flash_rows.h"

// Heads that share a key head follow each other, so that one token's decoding fills vectors with them.
JOULEMARK_STAGE("attention", "flash", "flash", JM_STORAGE, 4, 9, 4 * flash_floats(call)) {
    flash_rows(call, HEADS_APART, x, y, 0, 1, (flash_target){.output = call->buffers[3]}, scratch);
}
