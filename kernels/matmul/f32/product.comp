#include "../product.glsl"
