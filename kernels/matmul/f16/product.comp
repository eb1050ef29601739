#version 450
#include "../product.glsl"
