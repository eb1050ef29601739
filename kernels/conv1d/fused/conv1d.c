#include "conv1d/fused/conv1d.bindings.h"
#include "../../silu.h"
#include "../convolution.h"

// The scratch holds the weights transposed: 24 KiB at D=1536, W=4, against 98 KiB that the 16 steps read.
JOULEMARK_STAGE(TRANSPOSED_BYTES(jm_arguments_of(call)->D, jm_arguments_of(call)->W)) {
    jm_convolve_group(call, x, y, scratch, 1, jm_tensors_of(call)->y);
}
