#include "../convolution.cl"
#include "../../silu.cl"

JOULEMARK_STAGE { CONVOLVE(y, silu(sum)) }
