#version 450
#define PACKS_GROUP
#include "../flash.glsl"
