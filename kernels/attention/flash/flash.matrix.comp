#include "../matrix_flash.glsl"
