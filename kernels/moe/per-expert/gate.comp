#version 450
#define TAKES_TURN
#include "../project.glsl"
