#include "matrix_states.glsl"
