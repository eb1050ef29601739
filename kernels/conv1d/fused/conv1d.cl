#include "../convolution.cl"

JOULEMARK_STAGE
{
    CONVOLVE(y, sum / (1.0f + exp(-sum)))
}
