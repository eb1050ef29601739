#version 450
#include "../down_rows.glsl"
