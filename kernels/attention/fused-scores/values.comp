#define DIVIDES_BY_SUMS
#include "../values.glsl"
