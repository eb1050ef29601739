#version 450
#define FINDS_MAXIMA
#include "../scores.glsl"
