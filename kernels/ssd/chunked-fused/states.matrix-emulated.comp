#define MATRIX_EMULATED
#include "matrix_states.glsl"
