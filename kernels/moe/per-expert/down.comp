#version 450
#define TAKES_TURN
#include "../down_rows.glsl"
