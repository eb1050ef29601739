#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"
#include "../convolution.h"

// The scratch holds the weights transposed: 24 KiB at D=1536, W=4, against 98 KiB that the 16 steps read.
JOULEMARK_STAGE("conv1d", "fused", "conv1d", JM_STORAGE, 4, 4,
                TRANSPOSED_BYTES(call->arguments[2].integer, call->arguments[3].integer)) {
    const jm_stored *input = call->buffers[0], *w = call->buffers[1], *bias = call->buffers[2];
    jm_stored *output = call->buffers[3];
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, W = call->arguments[3].integer;
    const size_t sequence = (size_t)y * (size_t)L * (size_t)D;
    const int32_t first = 16 * (int32_t)x, end = first + 16 < L ? first + 16 : L;
    jm_transpose_weights(scratch, w, D, W);
    jm_convolve(output + sequence, input + sequence, scratch, bias, first, end, D, W, 1);
}
