#define MATRIX_EMULATED
#include "../../peak-matrix/chains.glsl"
