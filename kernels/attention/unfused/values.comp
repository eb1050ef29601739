#include "../values.glsl"
