#define SCORE_ROWS_CONSTANT
#include "../scores.glsl"
