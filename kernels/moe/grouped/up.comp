#version 450
#include "../project.glsl"
