#include "../flash.glsl"
