#include "matrix_output.glsl"
