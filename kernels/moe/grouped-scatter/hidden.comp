#version 450
#define OPERANDS 2
#include "../project.glsl"
