#define MMA_INT8
#define MMA_EMULATED
#include "../../peak-matrix/chains.cl"
