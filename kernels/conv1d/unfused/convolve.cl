#include "../convolution.cl"

CONV1D_STAGE(convolve, sum)
