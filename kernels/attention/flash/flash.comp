#version 450
#include "../flash.glsl"
