#include "../matrix.glsl"
