#define MATRIX_INT8
#include "../../peak-matrix/chains.glsl"
