#include "attention/flash/flash.bindings.h"
#include "joulemark_tile.h"
#include "../attention.h"
#include "../flash_rows.h"

// Heads that share a key head follow each other, so that one token's decoding fills vectors with them.
JOULEMARK_STAGE(4 * flash_floats(call)) {
    flash_rows(call, HEADS_APART, x, y, 0, 1, (flash_target){.output = jm_tensors_of(call)->o}, scratch);
}
