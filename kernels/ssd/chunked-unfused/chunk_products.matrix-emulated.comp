#define MATRIX_EMULATED
#include "matrix_products.glsl"
