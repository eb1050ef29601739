#include "../convolution.cl"

CONV1D_STAGE(conv1d, sum / (1.0f + exp(-sum)))
