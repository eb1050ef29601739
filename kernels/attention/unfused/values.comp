#version 450
#include "../values.glsl"
