#include "../scores.glsl"
