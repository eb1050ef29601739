#include "matrix.glsl"
