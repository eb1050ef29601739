#define MMA_INT8
#include "../../peak-matrix/chains.cl"
