#define MATRIX_EMULATED
#include "matrix.glsl"
