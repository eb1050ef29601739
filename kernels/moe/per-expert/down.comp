#define SERVES_ONE_EXPERT
#include "../down_rows.glsl"
