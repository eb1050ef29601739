#version 450
#define TAKES_TURN
#include "../activate.glsl"
