#define MMA_EMULATED
#include "../../peak-matrix/chains.cl"
