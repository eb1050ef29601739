#define MATRIX_EMULATED
#include "../matrix_split.glsl"
