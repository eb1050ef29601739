#define MATRIX_EMULATED
#include "../matrix_flash.glsl"
