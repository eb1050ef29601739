#include "../convolution.cl"

JOULEMARK_STAGE { CONVOLVE(convolved, sum) }
