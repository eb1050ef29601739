#define PACKS_GROUP
#include "../flash.glsl"
