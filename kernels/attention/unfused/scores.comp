#version 450
#include "../scores.glsl"
