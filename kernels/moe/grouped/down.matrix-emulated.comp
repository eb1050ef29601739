#define MATRIX_EMULATED
#include "../matrix_down.glsl"
