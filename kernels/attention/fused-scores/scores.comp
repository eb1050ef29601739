#define FINDS_MAXIMA
#include "../scores.glsl"
