#define MATRIX_INT8
#define MATRIX_EMULATED
#include "../../peak-matrix/chains.glsl"
