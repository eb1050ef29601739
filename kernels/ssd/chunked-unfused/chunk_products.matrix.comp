#include "matrix_products.glsl"
