#version 450
#include "../activate.glsl"
