#include "../matrix_down.glsl"
