#include "../matrix_split.glsl"
