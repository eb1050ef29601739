#include "../../peak-matrix/chains.glsl"
