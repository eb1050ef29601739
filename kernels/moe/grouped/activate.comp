#include "../activate.glsl"
