#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"
#include "../convolution.h"

// The scratch holds the weights transposed: 24 KiB at D=1536, W=4, against 98 KiB that the 16 steps read.
JOULEMARK_STAGE("conv1d", "fused", "conv1d", JM_STORAGE, 4, 4,
                TRANSPOSED_BYTES(call->arguments[2].integer, call->arguments[3].integer)) {
    jm_convolve_group(call, x, y, scratch, 1);
}
