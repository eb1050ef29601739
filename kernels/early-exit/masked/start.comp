#include "../start.glsl"
