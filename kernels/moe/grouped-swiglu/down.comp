#include "../down_rows.glsl"
