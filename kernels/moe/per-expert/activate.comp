#define SERVES_ONE_EXPERT
#include "../activate.glsl"
