#include "../../peak-matrix/chains.cl"
