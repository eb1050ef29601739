#define MATRIX_EMULATED
#define PACKS_GROUP
#include "../matrix_flash.glsl"
