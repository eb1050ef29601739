#include "../combine.glsl"
