#define MATRIX_EMULATED
#include "matrix_output.glsl"
